"""YAML that rejects a key given twice, of which the later one would win unseen, and what no UTF-8 can hold.

Here: parsing a text. Not here: what the keys mean.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Loader(yaml.SafeLoader):
    def compose_scalar_node(self, anchor: dict[Any, yaml.Node]) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if _SURROGATE.search(node.value):
            try:  # JSON writes some characters as two halves
                node.value = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                what = "half a character; in a path, write `?` for a byte that is no UTF-8"
                raise yaml.composer.ComposerError(None, None, what, node.start_mark) from None
        return node


class _UniqueKeyLoader(_Loader):
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
        yaml.YAMLError: it is no YAML, a key is given twice, or half a character stands alone.
    """
    return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - subclass of SafeLoader


def compose(text: str) -> yaml.Node | None:
    """The text as nodes with their places; None where it is empty.

    Raises:
        yaml.YAMLError: it is no YAML, or half a character stands alone.
    """
    return yaml.compose(text, Loader=_Loader)
