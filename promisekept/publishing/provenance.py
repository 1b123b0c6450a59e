"""One landed row and the delivery that brought it: the last step down from a figure.

Here: what the ledger records of a batch, and one row of its file, read after the file's hash was found to be the recorded
one. Not here: many rows (the marts hold them), the snapshot (reader.py), landing anything (promisekept.sources).

Rows hold pseudonyms and codes. Of a rejected row only what the quarantine holds by its column is shown, never the value
that was rejected: it may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from promisekept.durable import file_sha256
from promisekept.errors import PublishingError
from promisekept.publishing.reader import NO_EXTENSIONS
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Batch, Zone
from promisekept.sources.zone.ledger import Ledger

_UNTOLD = frozenset({"value", "content", "key_id", "collides", "batch_id", "source", "row_number", "landed_at", "log"})
"""Columns that are not shown: the rejected value, and what `Delivery` holds already."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One landed batch as its ledger line records it.

    Attributes:
        batch_id: its id.
        seq: its line in the ledger.
        source: the configured source.
        log: the log that it belongs to.
        landed_at: when it landed.
        file: the name of the file that was delivered, without its folder.
        origin_sha256: the hash of that file's bytes.
        rows: how many rows landed.
        superseded: whether it was landed again since, so that it counts no longer.
    """

    batch_id: str
    seq: int
    source: str
    log: str
    landed_at: datetime
    file: str
    origin_sha256: str
    rows: int
    superseded: bool


def deliveries(home: Path, batches: Iterable[str]) -> dict[str, Delivery]:
    """The ledger's lines of some batches; one without a line is left out."""
    wanted = set(batches)
    zone = Zone(home, Ledger.open(home))
    return {batch.batch_id: _delivery(batch, zone) for batch in zone.batches if batch.batch_id in wanted}


def landed_row(home: Path, batch_id: str, row_number: int) -> Mapping[str, Any] | None:
    """One row as it landed, or as it was rejected, column by column; None where our own retention purged it.

    Raises:
        PublishingError: the ledger names no such batch, its file is not what was recorded, or holds no such row.
    """
    return _landed_row(Zone(home, Ledger.open(home)), batch_id, row_number)


def landed_rows(home: Path, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Some rows as they landed, by batch and row number; one that our own retention purged is left out.

    Raises:
        PublishingError: as for a single row.
    """
    zone = Zone(home, Ledger.open(home))
    found = {(batch_id, number): _landed_row(zone, batch_id, number) for batch_id, number in places}
    return {place: row for place, row in found.items() if row is not None}


def _landed_row(zone: Zone, batch_id: str, row_number: int) -> Mapping[str, Any] | None:
    batch = next((batch for batch in zone.batches if batch.batch_id == batch_id), None)
    if batch is None:
        raise PublishingError(f"The ledger names no batch `{batch_id}`.\n  `promisekept fsck` reports whether lines are missing.")
    places = list(_places(zone, batch))
    for path, sha256 in places:
        _require(path, sha256)
        found = _row(path, batch_id, row_number)
        if found is not None:
            return found
    if not places or zone.retired.get(batch_id) or (batch.rejects_file and len(places) < 2):
        return None
    raise PublishingError(
        f"Batch `{batch_id}` holds no row {row_number}.\n  `promisekept fsck` reports whether files were changed."
    )


def _places(zone: Zone, batch: Batch) -> Iterable[tuple[Path, str]]:
    """The files in which rows of a batch lie and that are still there, each with its recorded hash."""
    stored = zone.lies_in(batch)
    if stored is not None and stored.path.exists():
        yield stored.path, stored.sha256
    rejects = zone.rejects_of(batch)
    if rejects is not None and rejects.path.exists():
        yield rejects.path, rejects.sha256


def _require(path: Path, sha256: str) -> None:
    stat = path.stat()
    if _hashed(path, stat.st_size, stat.st_mtime_ns) != sha256:
        raise PublishingError(f"{path.name}: not what the ledger recorded, so it is not shown.\n  Run `promisekept fsck`.")


@lru_cache(maxsize=64)
def _hashed(path: Path, size: int, modified: int) -> str:
    """A file's hash, computed again only when the file is another one."""
    del size, modified
    return file_sha256(path)


def _row(path: Path, batch_id: str, row_number: int) -> dict[str, Any] | None:
    with duckdb.connect(":memory:", config=NO_EXTENSIONS) as connection:
        connection.execute("set TimeZone = 'UTC'")
        answer = connection.execute(
            f"select * from read_parquet({literal(str(path))}) where batch_id = $batch and row_number = $row limit 1",
            {"batch": batch_id, "row": row_number},
        )
        names = [column[0] for column in answer.description]
        rows = answer.fetchall()
    return {name: value for name, value in zip(names, rows[0], strict=True) if name not in _UNTOLD} if rows else None


def _delivery(batch: Batch, zone: Zone) -> Delivery:
    return Delivery(
        batch.batch_id,
        batch.seq,
        batch.source,
        batch.log,
        batch.at,
        PurePosixPath(batch.origin["path"]).name,
        batch.origin["sha256"],
        batch.rows,
        batch.batch_id in zone.superseded,
    )
