"""The quarantine: rejected rows, how many and why and one by one, and rejected files.

Here: what the ledger and the quarantine files record of them. Not here: which rows are rejected and what is kept of them
(rejects.py), or landing them again (reland.py): the quarantine never holds enough of a row for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.config.settings import Settings
from promisekept.errors import LandingError
from promisekept.sources.landing.rejects import COLUMNS
from promisekept.sources.landing.validation import REASONS
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Batch, Zone
from promisekept.sources.zone.ledger import Ledger


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The rejected rows of one batch that have one reason. `says` is the reason in words."""

    batch_id: str
    source: str
    log: str
    path: str
    landed_at: datetime
    reason: str
    says: str
    rows: int


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that did not land at all; it is tried again when the source's settings change."""

    source: str
    log: str
    path: str
    sha256: str
    at: datetime
    reason: str
    says: str
    rows: int | None


def list_rejects(settings: Settings, ledger: Ledger, source: str | None = None) -> list[RejectedRows]:
    """Rejected rows that still are, by batch and reason, in order of landing."""
    return [
        RejectedRows(
            batch_id=batch.batch_id,
            source=batch.source,
            log=batch.log,
            path=batch.origin["path"],
            landed_at=batch.at,
            reason=reason,
            says=REASONS[reason],
            rows=rows,
        )
        for batch in Zone(settings.home, ledger).batches_with_rejects(source)
        for reason, rows in sorted(batch.body["quarantine"]["reasons"].items())
    ]


def list_rejected_files(settings: Settings, ledger: Ledger, source: str | None = None) -> list[RejectedFile]:
    """Files that are still rejected as a whole, in the order in which they came."""
    return [
        RejectedFile(
            source=line.body["source"],
            log=line.body["log"],
            path=line.body["origin"]["path"],
            sha256=line.body["origin"]["sha256"],
            at=line.at,
            reason=line.body["reason"],
            says=line.body["says"],
            rows=line.body["rows"],
        )
        for line in Zone(settings.home, ledger).still_rejected()
        if source is None or line.body["source"] == source
    ]


def show_rejects(
    settings: Settings, ledger: Ledger, batch_id: str, row: int | None = None, most: int = 20
) -> list[dict[str, Any]]:
    """Rejected rows of one batch as they lie in the quarantine, by row number; without values that were purged.

    Raises:
        LandingError: no such batch, it rejected nothing, or its file is gone.
    """
    zone = Zone(settings.home, ledger)
    file = _file(zone, batch_with_rejects(zone, batch_id))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(
            f"select {', '.join(COLUMNS)} from read_parquet({literal(str(file))}) "
            "where $row is null or row_number = $row order by row_number limit $most",
            {"row": row, "most": most},
        ).fetchall()
    return [dict(zip(COLUMNS, values, strict=True)) for values in found]


def batch_with_rejects(zone: Zone, batch_id: str) -> Batch:
    """A batch of which rows are still rejected.

    Raises:
        LandingError: there is none of that id.
    """
    for batch in zone.batches_with_rejects(None):
        if batch.batch_id == batch_id:
            return batch
    listed = ", ".join(batch.batch_id for batch in zone.batches_with_rejects(None)) or "none"
    raise LandingError(f"quarantine: no batch `{batch_id}` with rejected rows.\n  Those that have some: {listed}")


def rejected_row_numbers(zone: Zone, batch: Batch) -> tuple[int, ...]:
    """The numbers of the rejected rows of a batch in its file.

    Raises:
        LandingError: the file of its rejected rows is gone.
    """
    file = literal(str(_file(zone, batch)))
    with duckdb.connect() as connection:
        found = connection.execute(f"select distinct row_number from read_parquet({file}) order by 1").fetchall()
    return tuple(int(number) for (number,) in found)


def _file(zone: Zone, batch: Batch) -> Path:
    stored = zone.rejects_of(batch)
    if stored is None or not stored.path.exists():
        raise LandingError(
            f"{batch.batch_id}: the file of its rejected rows is gone, and with it their numbers.\n"
            "  Restore it from a backup of home, or land the whole file again:"
            f"  promisekept reland --source {batch.source} --batch {batch.batch_id} --reason ..."
        )
    return stored.path
