"""A new project folder: configuration, pack, key and an example to replace.

Here: the files that `promisekept init` writes. Not here: reading them (config/settings.py, policy/). Nothing that exists is
ever overwritten: the folder must be empty or new.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

import promisekept.policy
from promisekept.errors import ConfigError
from promisekept.paths import pattern_of
from promisekept.project.draft import Draft, draft_mapping
from promisekept.project.preset import Preset
from promisekept.project.sample import Answers
from promisekept.sources.contract import contract
from promisekept.sources.zone.keys import create_key

_STARTER_PACK = Path(promisekept.policy.__file__).parent / "starter_pack"
_EXAMPLE = """\
event_id,request_id,event_type,occurred_at,subject_ref,right_type,jurisdiction,channel,reason_code
e1,EXAMPLE-1,received,2026-01-05T09:30:00-05:00,ann@example.org,access,US-CA,email,
e2,EXAMPLE-1,acknowledged,2026-01-07T10:00:00-05:00,,,,,
e3,EXAMPLE-1,fulfilled,2026-02-02T16:00:00-05:00,,,,,
"""


@dataclass(frozen=True)
class Scaffolded:
    """What was written: the folder and its files."""

    folder: Path
    files: tuple[Path, ...]


def scaffold(
    folder: Path,
    *,
    organisation: str,
    country: str,
    time_zone: str,
    log: str | None = None,
    draft_from: Path | None = None,
    sheet: str | None = None,
    answers: Answers | None = None,
    copy: bool = False,
    preset: Preset | None = None,
) -> Scaffolded:
    """Write a project folder.

    Args:
        folder: new or empty.
        organisation: its name.
        country: ISO 3166-1 alpha-2.
        time_zone: IANA name.
        log: which log `draft_from` belongs to; guessed from its headers where none is named.
        draft_from: a CSV or workbook whose headers a mapping is drafted from. It is read where it lies.
        sheet: of the workbook; needed where more than one has cells.
        answers: what a person has confirmed of the draft.
        copy: put a copy of it into the inbox instead.
        preset: the system whose logs are read; its sources, mappings and README are written.

    Raises:
        ConfigError: both a preset and a file, the folder holds something, or nothing can be drafted from the file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: this folder is not empty, and nothing in it would be overwritten.\n  Name a new folder.")
    if draft_from is not None and preset is not None:
        raise ConfigError(f"--from and --preset {preset.name}: a preset brings its own mappings.\n  Leave one of the two out.")
    draft = draft_mapping(draft_from, log, sheet, answers) if draft_from else None
    chosen = draft.log if draft else log or "requests"
    inboxes = [Path("inbox", chosen)] if preset is None else preset.inboxes()
    for part in ("pack", "keys", "mappings", "dagster", *inboxes):
        (folder / part).mkdir(parents=True, exist_ok=True)
    shutil.copytree(_STARTER_PACK, folder / "pack", dirs_exist_ok=True)
    create_key(folder / "keys" / "pseudonym.key")
    shutil.copyfile(Path(__file__).parent / "dagster.yaml", folder / "dagster" / "dagster.yaml")
    if preset is not None:
        for file, content in preset.files():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(content, encoding="utf-8")
        sources = preset.sources(country=country, time_zone=time_zone)
    elif draft is None or draft_from is None:
        (folder / "inbox" / chosen / "example.csv.sample").write_text(_EXAMPLE, encoding="utf-8")
        sources = indented(_event_source(chosen, time_zone))
    else:
        path = pattern_of(draft_from.resolve())
        if copy:
            shutil.copyfile(draft_from, folder / "inbox" / chosen / draft_from.name)
            path = f"./inbox/{chosen}/*{draft_from.suffix or '.csv'}"
        if draft.mapping is not None:
            (folder / "mappings" / f"{chosen}.sql").write_text(draft.mapping, encoding="utf-8")
        sources = indented(drafted_source(draft, path, country, time_zone))
    template = Template((Path(__file__).parent / "template.yml").read_text(encoding="utf-8"))
    text = template.substitute(organisation=_scalar(organisation), country=country, time_zone=time_zone, sources=sources)
    (folder / "promisekept.yml").write_text(text, encoding="utf-8")
    files = tuple(sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file()))
    return Scaffolded(folder, files)


def _event_source(log: str, time_zone: str) -> list[dict[str, object]]:
    return [
        {
            "name": f"{log}_files",
            "log": log,
            "reader": {"kind": "files", "path": f"./inbox/{log}/*.csv"},
            "time_zone": time_zone,
            "defaults": {"subject_ref_type": "email"},
        }
    ]


def drafted_source(draft: Draft, path: str, country: str, time_zone: str) -> list[dict[str, object]]:
    """The entry of a drafted source."""
    reader: dict[str, object] = {"kind": "files", "path": path, **draft.reader}
    source: dict[str, object] = {
        "name": "tickets" if draft.log == "requests" else f"{draft.log}_file",
        "log": draft.log,
        "reader": reader,
    }
    if draft.mapping is not None:
        source["mapping"] = f"./mappings/{draft.log}.sql"
    if draft.formats:
        source["formats"] = dict(draft.formats)
    stated = {"jurisdiction": country, "subject_ref_type": "email"}
    if draft.log == "requests":
        stated |= {"channel": "email", "role": "controller"}
    defaults = {name: value for name, value in stated.items() if name in contract()[draft.log].names}
    return [source | {"time_zone": time_zone} | ({"defaults": defaults} if defaults else {})]


def indented(sources: list[dict[str, object]], by: int = 2) -> str:
    """Sources as entries of promisekept.yml."""
    text = yaml.safe_dump(sources, sort_keys=False, allow_unicode=True, default_flow_style=None, width=140)
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def _scalar(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, width=1000).splitlines()[0]
