"""A drafted source added to a project that there is: its mapping, and its entry in promisekept.yml.

Here: the two files, written so that whatever fails leaves both as they were. Comments and order of promisekept.yml stay. Not
here: the draft (wizard.py), or a new project (scaffold.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.durable import replace_durably
from promisekept.errors import ConfigError, PromisekeptError
from promisekept.project.draft import draft_mapping
from promisekept.project.scaffold import drafted_source, indented
from promisekept.project.wizard import Wizard

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SOURCES = re.compile(r"^sources:[ \t]*(\[\])?[ \t]*(#.*)?$", re.MULTILINE)
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


@dataclass(frozen=True)
class AddedSource:
    """What was written: the entry of promisekept.yml, and the mapping where the file needs one."""

    entry: str
    mapping: Path | None


def add_source(wizard: Wizard, settings: Settings, name: str, path: str) -> AddedSource:
    """Add the source of a wizard to a project.

    Args:
        wizard: complete.
        settings: of the project.
        name: of the source.
        path: where its files will lie, as `reader.path`.

    Raises:
        ConfigError: there is a source or a mapping of that name, or promisekept.yml would not be right with it; nothing changed.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name}: this is no name of a source.\n  Use small letters, digits and _, such as helpdesk_export.")
    if name in {source.name for source in settings.sources}:
        raise ConfigError(f"{name}: this project has a source of that name.\n  Choose another.")
    mapping = settings.base / "mappings" / f"{name}.sql"
    if mapping.exists():
        raise ConfigError(f"{mapping}: this mapping exists, and would not be overwritten.\n  Choose another name.")
    draft = draft_mapping(wizard.file, wizard.chosen, wizard.sheet, wizard.answers)
    organisation = settings.organisation
    (source,) = drafted_source(draft, path, organisation.country, str(organisation.time_zone))
    source = source | {"name": name} | ({"mapping": f"./mappings/{name}.sql"} if draft.mapping else {})
    before = settings.config.read_text(encoding="utf-8")
    after, entry = _inserted(before, source, settings.config)
    try:
        if draft.mapping is not None:
            mapping.parent.mkdir(exist_ok=True)
            replace_durably(mapping, draft.mapping.encode())
        replace_durably(settings.config, after.encode())
        load_settings(settings.config)
    except (PromisekeptError, OSError):
        replace_durably(settings.config, before.encode())
        if draft.mapping is not None:
            mapping.unlink(missing_ok=True)
        raise
    return AddedSource(entry, mapping if draft.mapping is not None else None)


def _inserted(text: str, source: dict[str, object], file: Path) -> tuple[str, str]:
    found = _SOURCES.search(text)
    if found is None:
        raise ConfigError(f"{file}: it has no line `sources:`, below which a source could stand.\n  Add that line.")
    item = _ITEM.search(text, found.end())
    entry = indented([source], len(item[1]) if item and not found[1] else 2)
    return f"{text[: found.start()]}sources:\n{entry}{text[found.end() :].removeprefix(chr(10))}", entry
