"""Presets: mappings of common systems, as folders of data.

Here: which presets there are, and which files one becomes in a project. A preset is a folder below presets/: `preset.yml` (a
title, and the sources just as promisekept.yml will hold them), mappings/, queries/ and a README of what it takes and what it
can't know. Not here: anything about one system; that stands in its folder. What a person has to answer is a comment that
begins with a question mark, in the sources and the mappings; questions.py finds those that are left.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from promisekept.errors import ConfigError

_FOLDER = Path(__file__).parent / "presets"
_SOURCES = "\nsources:\n"
_QUERY = re.compile(r"^( *)query: \$\{query_(\w+)\}$", re.MULTILINE)


@dataclass(frozen=True)
class Preset:
    """One preset. `like` is the folder whose mappings, queries and README it shares, its own where it shares none."""

    name: str
    title: str
    like: Path
    text: str

    @property
    def logs(self) -> tuple[str, ...]:
        """The logs that its sources feed, in their order."""
        return tuple(dict.fromkeys(source["log"] for source in yaml.safe_load(self.text)))

    def sources(self, *, country: str, time_zone: str) -> str:
        """The entries below `sources:` in promisekept.yml, with their comments."""
        text = _QUERY.sub(self._inlined, self.text)
        return Template(text).safe_substitute(country=country, time_zone=time_zone)

    def _inlined(self, found: re.Match[str]) -> str:
        indent, name = found.groups()
        query = (self.like / "queries" / f"{name}.sql").read_text(encoding="utf-8")
        return f"{indent}query: |\n{textwrap.indent(query, indent + '  ').rstrip()}"

    def files(self) -> Iterator[tuple[Path, str]]:
        """What goes into the project beside promisekept.yml; queries only where the sources do not hold them."""
        yield Path("README.md"), (self.like / "README.md").read_text(encoding="utf-8")
        for folder in ("mappings", "queries") if not _QUERY.search(self.text) else ("mappings",):
            for file in sorted((self.like / folder).glob("*.sql")):
                yield file.relative_to(self.like), file.read_text(encoding="utf-8")

    def inboxes(self) -> Iterator[Path]:
        """The folders in which its sources look for files."""
        for source in yaml.safe_load(self.text):
            if "path" in source["reader"]:
                yield Path(source["reader"]["path"]).parent


def presets() -> list[Preset]:
    """All presets, by name."""
    return [_load(folder) for folder in sorted(_FOLDER.iterdir()) if (folder / "preset.yml").is_file()]


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ConfigError: there is none; the message lists those that there are.
    """
    names = presets()
    for one in names:
        if one.name == name:
            return one
    listed = "".join(f"\n  {one.name:<22}{one.title}" for one in names)
    raise ConfigError(f"--preset {name}: there is no such preset. There are:{listed}")


def _load(folder: Path) -> Preset:
    head, _, sources = (folder / "preset.yml").read_text(encoding="utf-8").partition(_SOURCES)
    about = yaml.safe_load(head)
    return Preset(folder.name, about["title"], _FOLDER / about.get("like", folder.name), sources)
