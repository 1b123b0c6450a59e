"""One file to land, and what the ledger will record of it.

Here: the task, the outcome, and the hashes that show whether a source's settings or mapping changed. Not here: doing it
(batch.py) or choosing what is to be done (land.py, reland.py, quarantine.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import promisekept
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.paths import printable
from promisekept.sources.extract.cursors import CursorRange
from promisekept.sources.extract.files import Fingerprint, SourceFile
from promisekept.sources.landing.mapping_failures import MappingFailure
from promisekept.sources.personal_data import names_a_person
from promisekept.sources.zone.batches import COUNTS
from promisekept.sources.zone.keys import load_key

PROGRAM_FAULT = "program_fault"
"""The reason of a file that the program could not land, whatever is in it."""


@dataclass(frozen=True, slots=True)
class LandingTask:
    """A file, and what its batch stands for.

    `supersedes` are batch ids that no longer count once this one has landed; `waiting`
    are batches that still count but are to be superseded in the same act, so nothing is dropped because of them; `retries` is
    the batch whose rejected rows (`only_rows`) are read again; `reason` is why a person asked for it; `cursor_range` is the
    range of a queried source of which it holds the rows; `only_if_new`: rows that landed before are among them, and without
    another one there is nothing to record.
    """

    source: Source
    file: SourceFile
    found: Fingerprint
    supersedes: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    retries: str | None = None
    only_rows: tuple[int, ...] | None = None
    reason: str | None = None
    cursor_range: CursorRange | None = None
    only_if_new: bool = False

    @property
    def name(self) -> str:
        """What it is, for people."""
        return self.file.name if self.cursor_range is None else self.source.where


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one file: a batch with its counts, or rejected with a reason and a sentence."""

    source: str
    log: str
    path: str
    sha256: str
    seq: int
    batch_id: str | None
    counts: Mapping[str, int]
    held_back: str | None = None
    says: str | None = None
    quarantined: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[MappingFailure, ...] = ()


def is_tried_again(source: Source, rejected: Mapping[str, Any]) -> bool:
    """Whether a rejected file is as good as new, because its source has other settings or the program is another.

    Args:
        source: as it is configured today.
        rejected: the body of the line.
    """
    if (rejected["settings_sha256"], rejected["mapping_sha256"]) != (settings_sha256(source), mapping_sha256(source)):
        return True
    return bool(rejected["reason"] == PROGRAM_FAULT and rejected["program"] != promisekept.__version__)


def settings_sha256(source: Source) -> str:
    """The hash of everything in a source's settings that changes what its rows become."""
    shape = source.model_dump(mode="json", include={"log", "namespace", "time_zone", "defaults", "formats", "skip"})
    shape |= source.model_dump(mode="json", include={"decode", "history"}, exclude_defaults=True)
    shape["reader"] = source.reader.shape
    linked = source.linking or (source.links if source.mapping is None else None)
    shape |= {} if source.sequence is None else {"sequence": source.sequence}
    shape |= {} if linked is None else {"links": linked.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def mapping_sha256(source: Source) -> str | None:
    """The hash of a source's mapping file; null where it has none."""
    return None if source.mapping is None else hashlib.sha256(source.mapping.read_bytes()).hexdigest()


def origin_path(settings: Settings, file: SourceFile) -> str:
    """A file's path as the ledger records it: from the project's folder where it lies below it.

    A part of it that names a person, and that the configuration does not name, stands there by length and keyed hash.
    """
    path = printable(file.path).removeprefix(f"{settings.base}/")
    if not names_a_person(path):
        return path
    key = load_key(settings.keys.pseudonym)

    def shown(part: str) -> str:
        if not names_a_person(part) or any(part in source.where for source in settings.sources):
            return part
        return f"({len(part)} characters, hash {key.digest(f'file:{part}')})"

    return "/".join(map(shown, path.split("/")))


def batch_body(settings: Settings, task: LandingTask, batch_id: str, key_id: str) -> dict[str, Any]:
    """The ledger line of a batch in which nothing landed."""
    return {"batch_id": batch_id, **line_body(settings, task)} | {
        "file": None,
        "sha256": None,
        "rows": 0,
        "key_id": key_id,
        "counts": dict.fromkeys(COUNTS, 0),
        "quarantine": None,
        "unmapped_rows": [],
        "first_event_at": None,
        "last_event_at": None,
        "supersedes": list(task.supersedes),
        "retries": [task.retries] if task.retries else [],
        "only_rows": None if task.only_rows is None else list(task.only_rows),
        "reason": task.reason,
    }


def line_body(settings: Settings, task: LandingTask) -> dict[str, Any]:
    """What every ledger line about a file states about it."""
    origin = {
        "path": origin_path(settings, task.file),
        "sha256": task.found.sha256,
        "bytes": task.found.size,
        "modified": task.file.modified,
    }
    if task.cursor_range is not None:
        origin |= {"path": task.source.where, "modified": None, "cursor": task.cursor_range.as_body()}
    elif task.file.version is not None:
        origin["version"] = task.file.version
    return {
        "source": task.source.name,
        "log": task.source.log,
        "namespace": task.source.namespace,
        "origin": origin,
        "mapping_sha256": mapping_sha256(task.source),
        "settings_sha256": settings_sha256(task.source),
    }
