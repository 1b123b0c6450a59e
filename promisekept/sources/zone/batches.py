"""The landing zone as the ledger records it: which batches count at a moment, and in which files their rows lie today.

Here: reading the ledger's lines about batches, files rejected, control totals, and files put in the place of others, into
frozen values; the one place that resolves what supersedes, what was compacted and what was purged. Not here: writing any
of it (landing/land.py, landing/reland.py, compaction.py, retention/landed_rows.py, retention/rejects.py).

A point-in-time rebuild (`known_seq`) takes the batches of its time from the files of today: a compacted file may hold more
batches than counted then, so a file comes with the batches to take from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from promisekept.durable import has_sha256
from promisekept.sources.contract import Log
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.ledger import Ledger, Line

SOURCE_COUNTS = ("source_rows", "mapped", "skipped", "unmapped", "held_back")
EVENT_COUNTS = ("read", "landed", "duplicate", "superseding", "conflicting", "quarantined")
COUNTS = (*SOURCE_COUNTS, *EVENT_COUNTS)
RETIRED, CLEARED = "landing_retired", "quarantine_cleared"
SOURCE_NOT_READ = "source_not_read"
"""The reason of a rejection that is of no file: a source did not answer, or its answer could not be read to the end."""
SOURCE_READ = "source_read"
"""The kind of line that ends it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One landed file, as its ledger line records it. `file` is relative to home/landing; null where no row landed."""

    seq: int
    at: datetime
    batch_id: str
    source: str
    log: str
    namespace: str
    file: str | None
    rows: int
    body: Mapping[str, Any]

    @property
    def counts(self) -> Mapping[str, int]:
        """The row classes by name, as of its landing."""
        counts: Mapping[str, int] = self.body["counts"]
        return counts

    @property
    def origin(self) -> Mapping[str, Any]:
        """Path, SHA-256 and size of the file that it came from."""
        origin: Mapping[str, Any] = self.body["origin"]
        return origin

    @property
    def only_rows(self) -> tuple[int, ...] | None:
        """The rows of its file that it read, where it retried some; null where it read all."""
        rows = self.body.get("only_rows")
        return None if rows is None else tuple(rows)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The pseudonym keys under which people stand in its rows."""
        return tuple(self.body.get("key_ids") or (self.body["key_id"],))

    @property
    def retries(self) -> str | None:
        """The batch whose rejected rows it read again; null where it read a file for its own sake."""
        retried: list[str] = self.body["retries"]
        return retried[0] if retried else None

    @property
    def landed_again(self) -> bool:
        """Whether it is no delivery: a person had an earlier batch, or rows of one, landed again."""
        return bool(self.body["supersedes"] or self.body["retries"])

    @property
    def first_event_at(self) -> datetime | None:
        """The earliest instant among its landed rows; null without such."""
        recorded = self.body["first_event_at"]
        return None if recorded is None else datetime.fromisoformat(recorded)

    @property
    def last_event_at(self) -> datetime | None:
        """The latest instant among its landed rows; null without such."""
        recorded = self.body["last_event_at"]
        return None if recorded is None else datetime.fromisoformat(recorded)

    @property
    def rejects_file(self) -> str | None:
        """Where its rejected rows were put when it landed, relative to home/landing; see `Zone.rejects_of` for today."""
        quarantine = self.body.get("quarantine")
        return str(quarantine["file"]) if quarantine else None


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """The control total of one day; `count` is null where it was withdrawn."""

    count: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of landed rows, its recorded SHA-256, and the batches in it that count; `whole`: all that it holds."""

    path: Path
    sha256: str
    batches: tuple[str, ...]
    whole: bool

    def is_unchanged(self) -> bool:
        """Whether the file is there and is the one that was recorded."""
        return has_sha256(self.path, self.sha256)


class Zone:
    """What has landed below one home, up to a watermark: `known_seq`, a line of the ledger."""

    def __init__(self, home: Path, ledger: Ledger, known_seq: int | None = None) -> None:
        self.landing = home / "landing"
        self.known_seq = ledger.seq if known_seq is None else known_seq
        self.batches: list[Batch] = []
        self.rejected_files: list[Line] = []
        self.unread_sources: dict[str, Line] = {}
        self.superseded: set[str] = set()
        self.totals: dict[str, dict[date, StatedTotal]] = {}
        for line in ledger.lines(until=self.known_seq):
            self.note(line)
        self._stored_files: dict[tuple[str, ...], StoredFile] = {}
        # Where rows lie is a fact of today, also in a point-in-time rebuild.
        self._moved: dict[str, str | None] = {}
        self._holds: dict[str, set[str]] = {}
        self._made: dict[str, str] = {}
        self.retired: dict[str, int] = {}
        self.cleared: dict[str, tuple[str, str]] = {}
        self.kept_from: date | None = None
        for line in ledger.lines():
            if line.kind == "compaction":
                self._move(line.body["output"]["batches"], line.body["output"])
            elif line.kind == RETIRED:
                self._retire(line)
            elif line.kind == CLEARED:
                outputs = {entry["batch_id"]: entry["output"] for entry in line.body["files"]}
                self.cleared |= {batch: (output["file"], output["sha256"]) for batch, output in outputs.items()}

    def _move(self, batches: Iterable[str], output: Mapping[str, Any]) -> None:
        self._made[output["file"]] = output["sha256"]
        self._holds[output["file"]] = set(output["batches"])
        self._moved.update(dict.fromkeys(batches, output["file"]))

    def _retire(self, line: Line) -> None:
        """Take in what was purged: `retired` rows by batch, and from which day on the figures are still whole."""
        for entry in line.body["files"]:
            self._moved.update(dict.fromkeys(entry["batches"]))
            if entry["output"] is not None:
                self._move(entry["output"]["batches"], entry["output"])
            for batch, rows in entry["removed"].items():
                self.retired[batch] = self.retired.get(batch, 0) + rows
        if line.body["kept_from"]:
            self.kept_from = date.fromisoformat(line.body["kept_from"])

    def note(self, line: Line) -> None:
        """Take in one more line of the ledger."""
        if line.kind == "batch":
            self.batches.append(_batch(line))
            self.superseded.update(line.body["supersedes"])
        elif line.kind == "held_back" and line.body["reason"] == SOURCE_NOT_READ:
            self.unread_sources.setdefault(line.body["source"], line)
        elif line.kind == SOURCE_READ:
            self.unread_sources.pop(line.body["source"], None)
        elif line.kind == "held_back":
            self.rejected_files.append(line)
        elif line.kind == "control_total":
            days = {date.fromisoformat(day): StatedTotal(count, line.at) for day, count in line.body["days"].items()}
            self.totals.setdefault(line.body["source"], {}).update(days)

    @property
    def retried(self) -> set[str]:
        """The batches whose rejected rows were read again by one that counts."""
        return {batch.retries for batch in self.active() if batch.retries is not None}

    def active(self, log: str | None = None, namespace: str | None = None) -> Iterator[Batch]:
        """The batches that count, in order of landing."""
        for batch in self.batches:
            if batch.batch_id in self.superseded or (log is not None and batch.log != log):
                continue
            if namespace is None or batch.namespace == namespace:
                yield batch

    def batches_with_rejects(self, source: str | None) -> Iterator[Batch]:
        """The batches whose rejected rows still are rejected, of one source or of all."""
        retried = self.retried
        for batch in self.active():
            rejected = batch.rejects_file is not None and batch.batch_id not in retried
            if rejected and (source is None or batch.source == source):
                yield batch

    def reject_files(self) -> list[tuple[str, str]]:
        """The files of rows that still are rejected, relative to home/landing, each with its recorded SHA-256."""
        return [place for batch in self.batches_with_rejects(None) if (place := self._rejects(batch)) is not None]

    def rejects_of(self, batch: Batch) -> StoredFile | None:
        """The file in which a batch's rejected rows lie today; None where none was rejected."""
        place = self._rejects(batch)
        return StoredFile(self.landing / place[0], place[1], (batch.batch_id,), whole=True) if place else None

    def _rejects(self, batch: Batch) -> tuple[str, str] | None:
        rejected = batch.body.get("quarantine")
        return self.cleared.get(batch.batch_id, (str(rejected["file"]), str(rejected["sha256"]))) if rejected else None

    def rows_of(self, batch: Batch) -> int:
        """How many of the rows that landed with a batch are still kept."""
        return batch.rows - self.retired.get(batch.batch_id, 0)

    def still_rejected(self) -> list[Line]:
        """What is rejected as a whole: the last line of each file, and of each source that could not be read.

        Not of a file that has landed since, or in whose place one has landed where it was not opened.
        """
        landed = {(batch.source, batch.origin["sha256"]) for batch in self.batches}
        # A source that is asked goes on behind what was rejected only once that has landed, in chunks of whatever size.
        passed = {batch.source: batch.seq for batch in self.batches}
        last: dict[tuple[str, str | None], Line] = {}
        for line in self.rejected_files:
            origin = line.body["origin"]
            last[line.body["source"], None if "cursor" in origin else origin["sha256"]] = line
        files = [
            line
            for (source, sha256), line in last.items()
            if (passed.get(source, 0) < line.seq if sha256 is None else (source, sha256) not in landed)
            and not (line.body["reason"] in ("not_a_file", "not_readable") and self.is_replaced(line))
        ]
        return sorted([*files, *self.unread_sources.values()], key=lambda line: line.seq)

    def is_replaced(self, rejected: Line) -> bool:
        """Whether a file has landed since from the place of a rejected one; a part of a source is not all of it."""
        if rejected.body["reason"] == SOURCE_NOT_READ:
            return False
        return self._last_landed.get((rejected.body["source"], rejected.body["origin"]["path"]), 0) > rejected.seq

    @cached_property
    def _last_landed(self) -> dict[tuple[str, str], int]:
        """By source and path, the line of what landed last from there."""
        return {(batch.source, batch.origin["path"]): batch.seq for batch in self.batches}

    def where(self, batch: Batch) -> str | None:
        """The file in which a batch's rows lie today, relative to home/landing; None where no row landed or is kept."""
        return self._moved.get(batch.batch_id, batch.file)

    def lies_in(self, batch: Batch) -> StoredFile | None:
        """The file in which a batch's rows lie today, whether it counts or not; None where no row landed."""
        file = self.where(batch)
        return self._stored(file, [batch]) if file is not None else None

    def stored(
        self, log: str, namespace: str | None = None, without: Collection[str] = (), only: Collection[str] | None = None
    ) -> list[StoredFile]:
        """The files that hold the rows that count, in order of landing; those of some batches, or of all but some."""
        wanted: dict[str, list[Batch]] = {}
        for batch in self.active(log, namespace):
            file = self.where(batch)
            if only is not None and batch.batch_id not in only:
                continue
            if file is not None and batch.batch_id not in without:
                wanted.setdefault(file, []).append(batch)
        return [self._stored(file, batches) for file, batches in wanted.items()]

    def _stored(self, file: str, batches: list[Batch]) -> StoredFile:
        ids = tuple(batch.batch_id for batch in batches)
        if ids not in self._stored_files:
            sha256 = self._made.get(file) or str(batches[0].body["sha256"])
            whole = self._holds.get(file, set(ids)) == set(ids)
            self._stored_files[ids] = StoredFile(self.landing / file, sha256, ids, whole)
        return self._stored_files[ids]


def have_same_columns(connection: duckdb.DuckDBPyConnection, files: Iterable[StoredFile]) -> bool:
    """Whether all columns of files of landed rows have the same names and types."""
    paths = ", ".join(literal(str(file.path)) for file in files)
    if not paths:
        return True
    ((kinds,),) = connection.execute(
        "select count(distinct columns) from (select file_name,"
        " list_sort(list((name, type, num_children, converted_type, logical_type))) as columns"
        f" from parquet_schema([{paths}]) group by file_name)"
    ).fetchall()
    return bool(kinds == 1)


def scan(files: Iterable[StoredFile], log: Log, *, same_columns: bool = False) -> str:
    """A SELECT over landed files that takes only the batches that count, with all columns of the contract.

    Columns meet by name: a file that landed before a column was added to the contract has its default there, or null. So the
    same event, delivered again, is a duplicate and no conflict.

    Args:
        files: where the rows lie.
        log: whose contract.
        same_columns: whether the files have the same columns: DuckDB need not open each of them to plan a query.
    """
    nulls = ", ".join(f"null::{kind} as {name}" for name, kind in log.landed.items())
    parts = [f"select {nulls} where false"]
    if whole := [literal(str(file.path)) for file in files if file.whole]:
        parts.append(f"select * from read_parquet([{', '.join(whole)}], union_by_name = {not same_columns})")
    for file in files:
        if not file.whole:
            ids = ", ".join(literal(one) for one in file.batches)
            parts.append(f"select * from read_parquet({literal(str(file.path))}) where batch_id in ({ids})")
    rows = " union all by name ".join(parts)
    filled = ", ".join(
        f"coalesce({name}, {literal(default)}::{log.content[name]}) as {name}" for name, default in log.defaults.items()
    )
    return f"select * replace ({filled}) from ({rows})" if filled else rows


def _batch(line: Line) -> Batch:
    body = line.body
    return Batch(
        line.seq, line.at, body["batch_id"], body["source"], body["log"], body["namespace"], body["file"], body["rows"], body
    )
