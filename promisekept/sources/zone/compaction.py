"""Many small files become one: thousands of small files are read thirty times slower.

Here: which files, writing the one, the ledger line that names what went into it, and removing the inputs a day later. Rows,
their order and their batch numbers stay as they were. Not here: how a point-in-time rebuild reads a compacted file (batches.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import duckdb

from promisekept.config.settings import Settings
from promisekept.errors import LandingError
from promisekept.sources.contract import contract
from promisekept.sources.sandbox import sandbox_database
from promisekept.sources.zone.batches import Batch, Zone, scan
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import write_rows

MOST_SMALL = 100
"""Small files of a log in a month that is not over: beyond, opening them takes longer than what a day changes."""
SMALL = 10_000
"""Rows below which a file takes longer to open than to read; one of more is not written again until the month is over."""
LARGE = 100_000
"""Rows from which a file stays as it is: beside reading it, opening it is nothing."""
KEPT = timedelta(days=1)
"""How long the files of which one was made stay for whoever began to read them before: an export may take an hour."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was put together: the month (YYYY-MM of landing), how many files, the one file."""

    log: str
    month: str
    inputs: int
    file: str
    rows: int


def compact(settings: Settings, ledger: Ledger, now: datetime) -> list[Compacted]:
    """Compact files of every month before the one of `now`, unless they are large, and many small files of that one.

    Raises:
        LandingError: an input is not what the ledger recorded, or the disk can't be written; that month stays as it was.
    """
    zone = Zone(settings.home, ledger)
    remove_inputs(zone, ledger, now - KEPT)
    return [_compact(settings, ledger, (log, month), batches, now) for log, month, batches in list(_to_compact(zone, now))]


def _to_compact(zone: Zone, now: datetime) -> Iterator[tuple[str, str, list[Batch]]]:
    """Log, month of landing and batches of what is to become one file each."""
    files: dict[tuple[str, str], dict[str, list[Batch]]] = {}
    for batch in zone.batches:
        if (file := zone.where(batch)) is not None:
            month = batch.at.astimezone(UTC).strftime("%Y-%m")
            files.setdefault((batch.log, month), {}).setdefault(file, []).append(batch)
    current = now.astimezone(UTC).strftime("%Y-%m")
    for (log, month), found in sorted(files.items()):
        limit, most = (LARGE, 1) if month < current else (SMALL, MOST_SMALL)
        small = [batches for batches in found.values() if sum(map(zone.rows_of, batches)) < limit]
        if month <= current and len(small) > most:
            yield log, month, sorted(chain.from_iterable(small), key=lambda batch: batch.seq)


def _compact(settings: Settings, ledger: Ledger, part: tuple[str, str], batches: list[Batch], now: datetime) -> Compacted:
    log, month = part
    landing, zone = settings.home / "landing", Zone(settings.home, ledger)
    stored = {str(zone.where(batch)): zone.lies_in(batch) for batch in batches}
    recorded = {file: place.sha256 for file, place in stored.items() if place is not None}
    files = list(recorded)
    for file, place in stored.items():
        if place is None or not place.is_unchanged():
            raise LandingError(
                f"{landing / file}: its content is not what the ledger recorded, so it was not compacted.\n"
                "  `promisekept fsck` reports what is wrong and how to repair it."
            )
    columns = ", ".join(contract()[log].landed)
    inputs = [replace(place, whole=True) for place in stored.values() if place is not None]
    rows_of_files = scan(inputs, contract()[log])
    try:
        with sandbox_database(settings) as connection:
            written = write_rows(connection, landing, log, f"select {columns} from ({rows_of_files})", {})
    except duckdb.Error as error:
        raise LandingError(
            f"{landing / log}: {month} could not be compacted ({type(error).__name__}).\n  Run `promisekept fsck`."
        ) from error
    rows = sum(zone.rows_of(batch) for batch in batches)
    if written is None or written.rows != rows:
        raise LandingError(
            f"{landing / log}: {month} holds {written.rows if written else 0} rows,"
            f" the ledger records {rows}; it stays as it is.\n"
            "  `promisekept fsck` reports what is wrong and how to repair it."
        )
    body = {
        "log": log,
        "month": month,
        "inputs": [{"file": file, "sha256": recorded[file]} for file in files],
        "output": {
            "file": written.file,
            "sha256": written.sha256,
            "rows": written.rows,
            "batches": [batch.batch_id for batch in batches],
        },
    }
    ledger.append("compaction", body, now, written.sha256)
    return Compacted(log, month, len(files), written.file, written.rows)


def remove_inputs(zone: Zone, ledger: Ledger, until: datetime) -> None:
    """Delete what compactions up to an instant have replaced, also where a run was killed before it could.

    What counts stays: where rows are purged, the file without them may be one that was put together with theirs before.
    """
    counting = {zone.where(batch) for batch in zone.batches}
    for line in ledger.lines("compaction"):
        if line.at <= until:
            for input_file in line.body["inputs"]:
                if input_file["file"] not in counting:
                    (zone.landing / input_file["file"]).unlink(missing_ok=True)
