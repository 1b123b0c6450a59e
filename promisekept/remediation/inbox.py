"""The inbox of the page: one file per act, in the folder of a source of the log `remediations`.

Here: which source that is, what the contract would reject, writing an act, and what became of those that were written. Not here:
landing them, which the next run does as for any source.

An act is written under a hidden name, synced, and then linked under its own: a run sees it whole or not at all, two sessions
never write to one file, and what a crash or Ctrl-C cuts off is never delivered.
"""

from __future__ import annotations

import glob
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from promisekept.config.readers import Files
from promisekept.config.settings import Settings
from promisekept.durable import sync_folder
from promisekept.errors import PublishingError
from promisekept.sources.contract import LogColumn, contract
from promisekept.sources.landing.quarantine import list_rejected_files, list_rejects
from promisekept.sources.landing.validation import REASONS, URI
from promisekept.sources.personal_data import PERSONAL_SCHEMES, names_a_person
from promisekept.sources.zone.ledger import Ledger
from promisekept.system_errors import is_disk_full

LOG = "remediations"
PERSON = "employee_id"
"""The kind of identifier by which people are signed in: one for all, so that a person has one key."""
_SUFFIXES = ("*.jsonl", "*.ndjson")
_URI = re.compile(URI)
_SCHEME = re.compile(rf"(?i)({'|'.join(PERSONAL_SCHEMES)}):")


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log, as its contract names the columns.

    Attributes:
        event_id: 32 hex digits.
        occurred_at: when it was recorded, with an offset.
        subject_ref: who is signed in; lands as a key.
    """

    event_id: str
    occurred_at: datetime
    event_type: str
    subject_ref: str
    role: str
    group_key: str | None = None
    owner: str | None = None
    due_date: date | None = None
    accepted_until: date | None = None
    note: str | None = None
    control_id: str | None = None
    result: str | None = None
    valid_until: date | None = None
    withdrawn_event_id: str | None = None
    evidence_ref: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An act in the inbox; `rejected` is why the run that read it did not land it, None where it landed or is still to come."""

    act: Act
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder into which acts are written, and the source that reads it."""

    folder: Path
    suffix: str
    source: str


def find_inbox(settings: Settings) -> Inbox | None:
    """The first source of the log that reads JSON lines as they are from a folder of this machine; None where there is none."""
    for source in settings.sources:
        reader = source.reader
        if source.log != LOG or source.mapping is not None or not isinstance(reader, Files):
            continue
        pattern = reader.path.rpartition("/")[2]
        is_folder = reader.folder.is_absolute() and Path(glob.escape(str(reader.folder)), pattern) == Path(reader.path)
        if is_folder and pattern in _SUFFIXES and reader.format in (None, "jsonl") and reader.done_suffix is None:
            return Inbox(reader.folder, pattern.removeprefix("*"), source.name)
    return None


def problems(act: Act) -> dict[str, str]:
    """What landing would reject the act for: by column, in words that hold none of the values."""
    found = {}
    for column in contract()[LOG].columns:
        if column.name in Act.__slots__ and (reason := _reason(column, getattr(act, column.name), act)):
            found[column.name] = REASONS[reason]
    return found


def _reason(column: LogColumn, value: object, act: Act) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        is_required = column.required or any(getattr(act, on) in values for on, values in column.required_on)
        return "missing_value" if is_required else None
    return _reason_of_text(column, value) if isinstance(value, str) and column.kind != "subject" else None


def _reason_of_text(column: LogColumn, text: str) -> str | None:
    is_uri = column.kind == "uri"
    found = {
        "control_character": "\0" in text,
        "unknown_code": column.kind == "code" and text not in column.codes,
        "invalid_uri": is_uri and not _URI.fullmatch(text),
        "personal_data_in_identifier": names_a_person(text) or (is_uri and ("@" in text or bool(_SCHEME.match(text)))),
        "too_long": column.longest is not None and len(text) > column.longest,
    }
    return next((reason for reason, is_so in found.items() if is_so), None)


def record(inbox: Inbox, act: Act) -> Path:
    """Write an act down, durably, for the next run.

    Raises:
        PublishingError: landing would reject it, it is there already, or the folder can't be written.
    """
    if act.occurred_at.tzinfo is None:
        raise ValueError("occurred_at: an instant needs an offset")
    wrong = problems(act)
    if wrong:
        column, why = next(iter(wrong.items()))
        raise PublishingError(f"{column}: {why}, so nothing was recorded.\n  Change it and record it again.")
    path = inbox.folder / f"{act.occurred_at.astimezone(UTC):%Y%m%dT%H%M%S}-{act.event_id}{inbox.suffix}"
    try:
        _create(path, _line(act))
    except OSError as error:
        remedy = (
            "Free space"
            if is_disk_full(error)
            else "Fix the permissions of the folder; the process of the dashboard writes there"
        )
        raise PublishingError(
            f"{path.parent}: nothing was recorded ({error.strerror}).\n  {remedy}, and record it again."
        ) from error
    return path


def recorded(inbox: Inbox, settings: Settings) -> list[RecordedAct]:
    """Every act that the page wrote into the inbox, oldest first; a file that is none of them is left to the run."""
    written = sorted(_written(inbox), key=lambda entry: (entry[1].occurred_at, entry[1].event_id))
    rejected = _rejected(inbox, settings) if written else {}
    return [RecordedAct(act, rejected.get(name)) for name, act in written]


def _written(inbox: Inbox) -> Iterator[tuple[str, Act]]:
    for path in inbox.folder.glob(f"*{inbox.suffix}"):
        act = _read(path)
        if act is not None:
            yield path.name, act


def _read(path: Path) -> Act | None:
    try:
        values: dict[str, Any] = json.loads(path.read_bytes())
        values.pop("subject_ref_type")
        values["occurred_at"] = datetime.fromisoformat(values["occurred_at"])
        days = {name: date.fromisoformat(values[name]) for name in ("due_date", "accepted_until", "valid_until") if values[name]}
        return Act(**(values | days))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # delivered by something else


def _rejected(inbox: Inbox, settings: Settings) -> dict[str, str]:
    """Name of a file -> why no row of it landed."""
    ledger = Ledger.open(settings.home)
    rows: list[Any] = list_rejects(settings, ledger, inbox.source)
    files: list[Any] = list_rejected_files(settings, ledger, inbox.source)
    return {Path(one.path).name: one.says for one in (*rows, *files)}


def _line(act: Act) -> bytes:
    values: Mapping[str, Any] = asdict(act) | {"subject_ref_type": PERSON}
    written = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return (json.dumps(written, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _create(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".act-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)  # fails where the name is taken: an act is never written over
    finally:
        Path(name).unlink(missing_ok=True)
    sync_folder(path.parent)
