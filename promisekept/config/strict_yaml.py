"""YAML that rejects a key given twice: the later one would win unseen.

Here: parsing a text. Not here: what the keys mean.
"""

from __future__ import annotations

from typing import Any

import yaml


class _UniqueKeyLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key `{key}` is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Any:
    """The text as plain values.

    Raises:
        yaml.YAMLError: it is no YAML, or a key is given twice.
    """
    return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - subclass of SafeLoader
