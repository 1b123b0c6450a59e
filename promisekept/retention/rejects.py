"""Purging the values of rejected rows at the end of `retention.quarantine`.

Here: what stays of a rejected row, the smaller file that replaces the one that held it, the ledger line, and removing the
replaced file. Not here: what the quarantine may hold of a rejected row at first (sources/landing/rejects.py).

Every count stays as it was: the row is still a reject, and still attributed. So its place, its reason, its times and the codes
and ids by which it is attributed stay; the offending value, the person and all its other values are purged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.config.durations import read_duration
from promisekept.config.settings import Settings
from promisekept.errors import LandingError
from promisekept.sources.landing.rejects import COLUMNS, attributing_content
from promisekept.sources.sandbox import literal, sandbox_database
from promisekept.sources.zone.batches import CLEARED, Batch, Zone
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import write_rows

_GONE = frozenset({"value", "subject_key"})


def purge_rejects(settings: Settings, ledger: Ledger, at: datetime) -> int:
    """Purge the values of rows that were rejected longer ago than the retention period. Needs the writer lock.

    Args:
        settings: whose `retention.quarantine` and home.
        ledger: of that home.
        at: the instant from which ages are counted.

    Returns:
        How many rows were purged.

    Raises:
        LandingError: a file is not what the ledger recorded, or the disk can't be written; nothing was purged.
    """
    landing = settings.home / "landing"
    _remove_inputs(landing, ledger)
    cutoff, zone = at - read_duration(settings.retention.quarantine), Zone(settings.home, ledger)
    old = [batch for batch in zone.batches if batch.at < cutoff and batch.rejects_file and batch.batch_id not in zone.cleared]
    if not old:
        return 0
    with sandbox_database(settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        files = [entry for batch in old for entry in _purge_batch(connection, zone, batch)]
    body = {"rule": "retention.quarantine", "period": settings.retention.quarantine, "before": cutoff, "files": files}
    ledger.append(CLEARED, body, at, hashlib.sha256("\n".join(entry["sha256"] for entry in files).encode()).hexdigest())
    _remove_inputs(landing, ledger)
    return sum(int(entry["rows"]) for entry in files)


def _purge_batch(connection: duckdb.DuckDBPyConnection, zone: Zone, batch: Batch) -> Iterator[dict[str, Any]]:
    stored = zone.rejects_of(batch)
    if stored is None or not stored.is_unchanged():
        where = stored.path if stored else batch.batch_id
        raise LandingError(f"{where}: not what the ledger recorded, so nothing was purged.\n  Run `promisekept fsck`.")
    instead = {name: f"null::{COLUMNS[name]} as {name}" for name in _GONE}
    instead["content"] = f"{attributing_content()} as content"
    instead["request_id"] = "case when column_name is distinct from 'request_id' then request_id end as request_id"
    columns = ", ".join(instead.get(name, name) for name in COLUMNS)
    rewritten = f"select {columns} from read_parquet({literal(str(stored.path))}) order by row_number, event_id"
    written = write_rows(connection, zone.landing, "quarantine", rewritten, {})
    if written is None:
        raise LandingError(f"{stored.path}: holds no row, the ledger records rows.\n  Run `promisekept fsck`.")
    yield {
        "batch_id": batch.batch_id,
        "file": batch.rejects_file,
        "sha256": stored.sha256,
        "rows": written.rows,
        "output": {"file": written.file, "sha256": written.sha256},
    }


def _remove_inputs(landing: Path, ledger: Ledger) -> None:
    """Delete the files that the ledger has replaced, also those that a killed run left."""
    for line in ledger.lines(CLEARED):
        for entry in line.body["files"]:
            if entry["output"]["file"] != entry["file"]:
                (landing / entry["file"]).unlink(missing_ok=True)
