"""Refused rows whose time is over: `retention.quarantine`.

Here: what stays of a refused row, the smaller file that takes the place of the one that held it, the ledger line, and
removing what it made superfluous. Not here: what may be kept of a refused row at first (sources/landing/rejects.py).

Every count goes on as before: a row stays refused, and where it may have belonged is still known. So its place, its reason,
its times and the codes and ids by which it is attributed stay; the offending value, the person and everything else that it
held are gone.
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
from promisekept.sources.contract import Log, contract
from promisekept.sources.landing.rejects import COLUMNS
from promisekept.sources.sandbox import literal, workbench
from promisekept.sources.zone.batches import CLEARED, Batch, Zone
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import write_rows

_GONE = frozenset({"value", "subject_key"})
_ATTRIBUTING = frozenset(
    {"record_id", "incident_id", "policy_version", "purpose_code", "recipient_id", "data_category", "system", "feature"}
)
"""Columns of free form that say where a row belongs; of a code, a place or a number the kind says it."""


def clear_refused(settings: Settings, ledger: Ledger, at: datetime) -> int:
    """Let go of what refused rows held that landed longer ago than promised. Needs the writer lock.

    Args:
        settings: whose `retention.quarantine` and home.
        ledger: of that home.
        at: the instant from which ages are counted.

    Returns:
        How many rows were cleared.

    Raises:
        LandingError: a file is not what the ledger recorded, or the disk can't be written; nothing was cleared.
    """
    landing = settings.home / "landing"
    _remove_inputs(landing, ledger)
    cutoff, zone = at - read_duration(settings.retention.quarantine), Zone(settings.home, ledger)
    old = [batch for batch in zone.batches if batch.at < cutoff and batch.refused_file and batch.batch_id not in zone.cleared]
    if not old:
        return 0
    with workbench(settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        files = [entry for batch in old for entry in _clear(connection, zone, batch)]
    body = {"rule": "retention.quarantine", "period": settings.retention.quarantine, "before": cutoff, "files": files}
    ledger.append(CLEARED, body, at, hashlib.sha256("\n".join(entry["sha256"] for entry in files).encode()).hexdigest())
    _remove_inputs(landing, ledger)
    return sum(int(entry["rows"]) for entry in files)


def _clear(connection: duckdb.DuckDBPyConnection, zone: Zone, batch: Batch) -> Iterator[dict[str, Any]]:
    stored = zone.refused_in(batch)
    if stored is None or not stored.is_unchanged():
        where = stored.path if stored else batch.batch_id
        raise LandingError(f"{where}: not what the ledger recorded, so nothing was cleared.\n  Run `promisekept fsck`.")
    instead = {name: f"null::{COLUMNS[name]} as {name}" for name in _GONE}
    instead["content"] = f"{_content(contract()[batch.log])} as content"
    instead["request_id"] = "case when column_name is distinct from 'request_id' then request_id end as request_id"
    columns = ", ".join(instead.get(name, name) for name in COLUMNS)
    kept = f"select {columns} from read_parquet({literal(str(stored.path))}) order by row_number, event_id"
    written = write_rows(connection, zone.landing, "quarantine", kept, {})
    if written is None:
        raise LandingError(f"{stored.path}: holds no row, the ledger says otherwise.\n  Run `promisekept fsck`.")
    yield {
        "batch_id": batch.batch_id,
        "file": batch.refused_file,
        "sha256": stored.sha256,
        "rows": written.rows,
        "output": {"file": written.file, "sha256": written.sha256},
    }


def _content(log: Log) -> str:
    """What stays of a row's own columns: JSON, as it was, of those that say where it belongs; not of the one that was refused."""
    names = [one.name for one in log.columns if one.kind in ("code", "place", "integer") or one.name in _ATTRIBUTING]
    kept = "case when column_name is distinct from {name} then content -> {place} end"
    fields = ", ".join(f"{literal(name)}, {kept.format(name=literal(name), place=literal('$.' + name))}" for name in names)
    return f"json_object({fields})::varchar"


def _remove_inputs(landing: Path, ledger: Ledger) -> None:
    """Delete the files in whose place the ledger has put others, also where a run was killed before it could."""
    for line in ledger.lines(CLEARED):
        for entry in line.body["files"]:
            if entry["output"]["file"] != entry["file"]:
                (landing / entry["file"]).unlink(missing_ok=True)
