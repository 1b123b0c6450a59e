"""Who took what out of a snapshot, and when: the export log.

Here: `evidence/exports.jsonl` below home, one line per file that left, each bound to the line before it, and the ledger's
lines of kind `export` that bind the log. Not here: making a file (spreadsheet.py), or deciding who may have it.

Readers take files away while a run writes, so the log has a lock of its own and waits for no run. When a run ends, the
ledger takes over the log's last hash (`bind`): from then on no line can be changed or taken out unseen. A file is given
out only after its line is on the disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from promisekept.durable import sync_folder
from promisekept.errors import PublishingError
from promisekept.sources.zone.ledger import Ledger

FILE = "evidence/exports.jsonl"
KIND = "export"
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Export:
    """One file that left.

    Attributes:
        kind: `csv`, `document`, `bundle`, or `download`: the ZIP of a bundle, given to somebody.
        content: what it holds, in a reader's words.
        snapshot: the id of the snapshot that it was taken from.
        who: the person's name with the identity provider, or the user of the machine.
        role: the person's role.
        rows: how many rows it holds; none of a document.
        of: how many there were before any filter.
        sha256: of the file's bytes; of a bundle, which may be a folder, the hash of its tag manifest.
        period: code of the period, empty where the content has none.
        filters: every filter in force with its values.
        fingerprint: of a bundle and its download the SHA-512 of its tag manifest, by which it is signed and followed.
    """

    kind: str
    content: str
    snapshot: str
    who: str
    role: str
    rows: int
    of: int
    sha256: str
    period: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fingerprint: str = ""

    def as_body(self) -> dict[str, Any]:
        """As its line holds it."""
        filters = {name: list(values) for name, values in sorted(self.filters.items())}
        return {name: getattr(self, name) for name in Export.__slots__} | {"filters": filters}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    seq: int
    at: datetime
    export: Export
    hash: str


def record(home: Path, export: Export, at: datetime) -> Entry:
    """Write an export down, durably, before its file is given out.

    Raises:
        PublishingError: the log can't be written, or it is not what it was: nothing may be given out.
    """
    if at.tzinfo is None:
        raise ValueError("at: an instant needs an offset")
    path = home / FILE
    try:
        with _alone(path) as descriptor:
            last, end = _last(descriptor, path)
            body = {"seq": (last.seq if last else 0) + 1, "at": _instant(at), **export.as_body()}
            line = _line(body | {"previous": last.hash if last else GENESIS})
            os.ftruncate(descriptor, end)  # what a crash cut short; nobody was given its file
            os.pwrite(descriptor, line, end)
            os.fsync(descriptor)
    except OSError as error:
        raise PublishingError(
            f"{path}: the export could not be written down ({error.strerror}), so the file is not given out.\n"
            "  Free space or fix the permissions of the folder; the process that shows the dashboard writes there."
        ) from error
    return _entry(line, path)


def entries(home: Path) -> list[Entry]:
    """Everything that was exported, oldest first.

    Raises:
        PublishingError: a line was changed, is missing or is out of order.
    """
    return list(_walk(_whole_lines(home / FILE), home / FILE))


def known_at_line(home: Path, ledger: Ledger, seq: int) -> list[Entry]:
    """What had been exported as the ledger knew it at one of its lines, oldest first.

    Raises:
        PublishingError: the log is not what it was.
    """
    bound = [line.body["entries"] for line in ledger.lines(KIND, until=seq) if line.body.get("file") == FILE]
    return entries(home)[: max(bound, default=0)]


def bind(home: Path, at: datetime) -> None:
    """Let the ledger take over the log's last hash, if it has grown since. Needs the writer lock.

    A log that can't be trusted is not taken over: `promisekept fsck` reports what is wrong with it.
    """
    try:
        found = entries(home)
    except PublishingError:
        return
    if not found:
        return
    ledger = Ledger.open(home)
    bound = _bound(ledger)
    if bound is None or bound["entries"] < found[-1].seq:
        ledger.append(KIND, {"file": FILE, "entries": found[-1].seq}, at, found[-1].hash)


def problems(home: Path, ledger: Ledger) -> Iterator[str]:
    """What is wrong with the log: a broken chain, or lines that the ledger records otherwise."""
    try:
        found = entries(home)
    except PublishingError as error:
        yield str(error).splitlines()[0]
        return
    for line in ledger.lines(KIND):
        seq = line.body.get("entries") if line.body.get("file") == FILE else None
        if seq is not None and (seq > len(found) or found[seq - 1].hash != line.content_hash):
            yield f"entry {seq} is not the one that line {line.seq} of the ledger recorded"


def _bound(ledger: Ledger) -> Mapping[str, Any] | None:
    last = None
    for line in ledger.lines(KIND):
        last = line.body if line.body.get("file") == FILE else last
    return last


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The log, open for one process at a time; the kernel frees it when its holder dies."""
    created = not path.exists()
    if created:
        path.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if created:
            sync_folder(path.parent)
        yield descriptor
    finally:
        os.close(descriptor)


def _last(descriptor: int, path: Path) -> tuple[Entry | None, int]:
    """The last whole line, and where the next one begins."""
    size = os.fstat(descriptor).st_size
    reach = 0
    while True:
        reach = min(size, reach + 65_536)
        tail = os.pread(descriptor, reach, size - reach)
        end = tail.rfind(b"\n")
        begin = tail.rfind(b"\n", 0, max(end, 0))
        if begin >= 0 or reach == size:
            break
    return (None, 0) if end < 0 else (_entry(tail[begin + 1 : end], path), size - reach + end + 1)


def _whole_lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def _walk(lines: Sequence[bytes], path: Path) -> Iterator[Entry]:
    before = GENESIS
    for seq, line in enumerate(lines, start=1):
        entry = _entry(line, path)
        if entry.seq != seq or json.loads(line)["previous"] != before:
            raise _broken(path, f"line {seq} does not follow the one before it")
        before = entry.hash
        yield entry


def _line(body: Mapping[str, Any]) -> bytes:
    return _dump({**body, "hash": hashlib.sha256(_dump(body)).hexdigest()}) + b"\n"


def _entry(line: bytes, path: Path) -> Entry:
    try:
        body = json.loads(line)
        stated = body.pop("hash")
        export = Export(**{name: body[name] for name in Export.__slots__})
        entry = Entry(body["seq"], datetime.fromisoformat(body["at"]), export, stated)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _broken(path, f"a line is no entry ({type(error).__name__})") from error
    if hashlib.sha256(_dump(body)).hexdigest() != stated:
        raise _broken(path, f"line {entry.seq} was changed")
    return entry


def _broken(path: Path, message: str) -> PublishingError:
    return PublishingError(f"{path}: {message}, so the log can't be trusted.\n  Restore it from a backup of home.")


def _dump(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
