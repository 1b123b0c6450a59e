"""Purging landed rows at the end of `retention.landing`.

Here: which rows are purged, the smaller files that replace those that held them, the ledger line, and removing the replaced
files. Not here: which lives have ended (eligibility.py), the rejected rows (rejects.py), or when a purge happens (purge.py).

A life is purged as a whole: a request, a record, an incident, a person's consent to a purpose, a single act. It is purged when
all its events landed and happened before the cutoff and it has ended. A life that still binds or is still open stays, however
old it is; so do links between identifiers, the policy's own history and what was done about findings. Superseded versions are
purged by age alone. Ages are those of the first of a month.

One ledger line records all files of a purge: what a killed run wrote before it counts for nothing and is written again; what it
left undone after it, the next run does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from promisekept.config.durations import read_duration
from promisekept.config.settings import Settings
from promisekept.errors import LandingError
from promisekept.sources.contract import contract
from promisekept.sources.sandbox import literal, sandbox_database
from promisekept.sources.zone.batches import RETIRED, Batch, StoredFile, Zone, scan
from promisekept.sources.zone.compaction import remove_inputs
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import write_rows

_FOR_EVER = ("policies", "subject_links", "remediations")
LIVES: Mapping[str, tuple[str, ...]] = {name: log.life for name, log in contract().items() if name not in _FOR_EVER}
"""The columns that identify a life, by log. No row of a log that is not listed is purged."""

SelectsEndedLives = Callable[[duckdb.DuckDBPyConnection, str, str], bool]
"""Creates the relation of that name with the ended lives of a log; False where each ends as soon as it has happened."""


@dataclass(frozen=True, slots=True)
class PurgedRows:
    """The purged rows and lives by log, in how many files they lay, and the first day whose figures are still whole."""

    rows: Mapping[str, int]
    lives: Mapping[str, int]
    files: int
    kept_from: date | None


def purge_landed_rows(settings: Settings, ledger: Ledger, at: datetime, ended: SelectsEndedLives) -> PurgedRows | None:
    """Purge the landed rows whose retention period has ended. Needs the writer lock.

    Args:
        settings: whose `retention.landing`, home and zone.
        ledger: of that home.
        at: the instant from which ages are counted.
        ended: which lives have ended.

    Returns:
        What was purged; None where nothing was.

    Raises:
        LandingError: a file is not what the ledger recorded, or the disk can't be written; nothing was purged.
    """
    _remove_inputs(settings.home / "landing", ledger)
    local, zone = ZoneInfo(settings.organisation.time_zone), Zone(settings.home, ledger)
    cutoff = _first_of_month(at - read_duration(settings.retention.landing), local)
    if any(datetime.fromisoformat(line.body["before"]) >= cutoff for line in ledger.lines(RETIRED)):
        return None
    files: list[dict[str, Any]] = []
    lives: dict[str, int] = {}
    last: datetime | None = None
    with sandbox_database(settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for log in LIVES:
            old_files = _old_files(zone, log, cutoff)
            if not old_files:
                continue
            _require_unchanged(zone, log)
            lives[log], latest = _select_lives(connection, zone, log, cutoff, ended)
            last = max((one for one in (last, latest) if one is not None), default=None)
            for file, batches in old_files.items():
                files += _rewrite(connection, zone, file, batches, cutoff)
    if not files:
        return None
    rows: dict[str, int] = {}
    for entry in files:
        rows[entry["log"]] = rows.get(entry["log"], 0) + sum(entry["removed"].values())
    whole_from = [last.astimezone(local).date() + timedelta(days=1)] if last else []
    kept_from = max([*whole_from, *([zone.kept_from] if zone.kept_from else [])], default=None)
    purged = {log: number for log, number in lives.items() if number}
    body = {
        "rule": "retention.landing",
        "period": settings.retention.landing,
        "before": cutoff,
        "kept_from": kept_from and kept_from.isoformat(),
        "rows": rows,
        "lives": purged,
        "files": files,
    }
    ledger.append(RETIRED, body, at, hashlib.sha256("\n".join(entry["sha256"] for entry in files).encode()).hexdigest())
    _remove_inputs(settings.home / "landing", ledger)
    remove_inputs(Zone(settings.home, ledger), ledger, at)  # which hold the purged rows as well
    return PurgedRows(rows, purged, len(files), kept_from)


def _first_of_month(instant: datetime, zone: ZoneInfo) -> datetime:
    """Rows are purged at most once a month, because the build after a purge is a full refresh."""
    return instant.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _select_lives(
    connection: duckdb.DuckDBPyConnection, zone: Zone, log: str, cutoff: datetime, ended: SelectsEndedLives
) -> tuple[int, datetime | None]:
    """Create `purged_<log>`, the lives to purge; how many, and when the last of their events happened."""
    life = ", ".join(LIVES[log])
    narrowed = f"semi join ended_{log} using ({life})" if ended(connection, f"ended_{log}", log) else ""
    # An event with several versions may belong to two lives: neither is purged without the other.
    connection.execute(
        f"""
        create temp table purged_{log} as
        with rows as (
            select {life}, landed_at, occurred_at, (namespace, event_id) in (
                select (namespace, event_id) from ({scan(zone.stored(log), contract()[log])}) where collides
            ) as is_contested
            from ({scan(zone.stored(log), contract()[log])}) {narrowed}
        )

        select {life}, max(occurred_at) as last_at
        from rows
        group by {life}
        having max(landed_at) < $cutoff and max(occurred_at) < $cutoff and not bool_or(is_contested)
        """,
        {"cutoff": cutoff},
    )
    number, last = connection.execute(f"select count(*), max(last_at) from purged_{log}").fetchall()[0]
    return int(number), last


def _old_files(zone: Zone, log: str, cutoff: datetime) -> dict[str, list[Batch]]:
    """The files of a log in which something landed before the period began, with all batches that lie in each."""
    found: dict[str, list[Batch]] = {}
    for batch in zone.batches:
        file = zone.where(batch)
        if batch.log == log and file is not None:
            found.setdefault(file, []).append(batch)
    return {file: batches for file, batches in found.items() if any(batch.at < cutoff for batch in batches)}


def _rewrite(
    connection: duckdb.DuckDBPyConnection, zone: Zone, file: str, batches: list[Batch], cutoff: datetime
) -> list[dict[str, Any]]:
    """The ledger entry of one file that loses rows, after its remaining rows were written; none where it loses none."""
    log = batches[0].log
    gone = [batch for batch in batches if batch.batch_id in zone.superseded and batch.at < cutoff]
    ids = ", ".join(literal(batch.batch_id) for batch in gone) or "null"
    life = ", ".join(LIVES[log])
    is_purged = f"(coalesce(batch_id in ({ids}), false) or coalesce(({life}) in (select ({life}) from purged_{log}), false))"
    # A file from before a column was added to the contract lacks it.
    rows = f"({scan([StoredFile(zone.landing / file, '', (), whole=True)], contract()[log])})"
    counted = connection.execute(
        f"select batch_id, count(*) filter ({is_purged}), count(*) filter (not {is_purged}) from {rows} group by all order by all"
    ).fetchall()
    removed = {batch: int(out) for batch, out, _ in counted if out}
    if not removed:
        return []
    columns = ", ".join(contract()[log].landed)
    remaining = f"select {columns} from {rows} where not {is_purged} order by batch_id, row_number, event_id"
    written = write_rows(connection, zone.landing, log, remaining, {})
    output = None
    if written is not None:
        left = [batch for batch, _, stays in counted if stays]
        output = {"file": written.file, "sha256": written.sha256, "rows": written.rows, "batches": left}
    inside = [batch.batch_id for batch in batches]
    stored = zone.lies_in(batches[0])
    sha256 = stored.sha256 if stored else ""
    return [{"log": log, "file": file, "sha256": sha256, "batches": inside, "removed": removed, "output": output}]


def _require_unchanged(zone: Zone, log: str) -> None:
    """Every file of a log that is read: also one of batches that count no longer."""
    for stored in {place.path: place for batch in zone.batches if batch.log == log and (place := zone.lies_in(batch))}.values():
        if not stored.is_unchanged():
            raise LandingError(f"{stored.path}: not what the ledger recorded, so nothing was purged.\n  Run `promisekept fsck`.")


def _remove_inputs(landing: Path, ledger: Ledger) -> None:
    """Delete the files that the ledger has replaced, also those that a killed run left."""
    for line in ledger.lines(RETIRED):
        for entry in line.body["files"]:
            if entry["output"] is None or entry["output"]["file"] != entry["file"]:
                (landing / entry["file"]).unlink(missing_ok=True)
