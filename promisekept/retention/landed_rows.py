"""Landed rows whose time is over: `retention.landing`.

Here: which rows fall out, the smaller files that take the place of those that held them, the ledger line, and removing what
it made superfluous. Not here: what is over (eligibility.py tells it by the marts), the refused rows (rejects.py), or
when this happens.

Whole lives fall out, never parts of one: a request, a record, an incident, a person's consent to a purpose, a single act. A
life goes when everything told of it landed and happened before the period began, and it is over. What still binds or is still
open stays, however old it is; so do links between identifiers and the policy's own history. Versions that were superseded go
by age alone. Ages are those of the first of a month.

One line of the ledger tells of all files at once: what a kill leaves before it counts for nothing and is made again, what it
leaves after it is removed by the next run.
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
from promisekept.sources.sandbox import literal, workbench
from promisekept.sources.zone.batches import RETIRED, Batch, Zone, scan
from promisekept.sources.zone.ledger import Ledger
from promisekept.sources.zone.storage import write_rows

_FOR_EVER = ("policies", "subject_links")
LIVES: Mapping[str, tuple[str, ...]] = {name: log.life for name, log in contract().items() if name not in _FOR_EVER}
"""What falls out as one, by log. Of a log that is not listed nothing falls out."""

Over = Callable[[duckdb.DuckDBPyConnection, str, str], bool]
"""Makes the relation of that name with the lives of a log that are over; False where each is over as soon as it has happened."""


@dataclass(frozen=True, slots=True)
class Retired:
    """What fell out: rows and lives by log, how many files they lay in, and the first day whose figures are still whole."""

    rows: Mapping[str, int]
    lives: Mapping[str, int]
    files: int
    kept_from: date | None


def retire_landed(settings: Settings, ledger: Ledger, at: datetime, over: Over) -> Retired | None:
    """Let go of the landed rows whose time is over. Needs the writer lock.

    Args:
        settings: whose `retention.landing`, home and zone.
        ledger: of that home.
        at: the instant from which ages are counted.
        over: which lives are over.

    Returns:
        What fell out; None where nothing did.

    Raises:
        LandingError: a file is not what the ledger recorded, or the disk can't be written; nothing fell out.
    """
    _remove_inputs(settings.home / "landing", ledger)
    local, zone = ZoneInfo(settings.organisation.time_zone), Zone(settings.home, ledger)
    cutoff = _first_of_month(at - read_duration(settings.retention.landing), local)
    if any(datetime.fromisoformat(line.body["before"]) >= cutoff for line in ledger.lines(RETIRED)):
        return None
    files: list[dict[str, Any]] = []
    lives: dict[str, int] = {}
    last: datetime | None = None
    with workbench(settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for log in LIVES:
            old_files = _old_files(zone, log, cutoff)
            if not old_files:
                continue
            _require_unchanged(zone, log)
            lives[log], latest = _fallen(connection, zone, log, cutoff, over)
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
    fallen = {log: number for log, number in lives.items() if number}
    body = {
        "rule": "retention.landing",
        "period": settings.retention.landing,
        "before": cutoff,
        "kept_from": kept_from and kept_from.isoformat(),
        "rows": rows,
        "lives": fallen,
        "files": files,
    }
    ledger.append(RETIRED, body, at, hashlib.sha256("\n".join(entry["sha256"] for entry in files).encode()).hexdigest())
    _remove_inputs(settings.home / "landing", ledger)
    return Retired(rows, fallen, len(files), kept_from)


def _first_of_month(instant: datetime, zone: ZoneInfo) -> datetime:
    """Rows fall out once a month: a build after it makes everything again, and so each month has one such build at most."""
    return instant.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _fallen(
    connection: duckdb.DuckDBPyConnection, zone: Zone, log: str, cutoff: datetime, over: Over
) -> tuple[int, datetime | None]:
    """Make `fallen_<log>`, the lives that fall out; how many, and when the last of their events happened."""
    life = ", ".join(LIVES[log])
    narrowed = f"semi join over_{log} using ({life})" if over(connection, f"over_{log}", log) else ""
    # An event that was told in more than one way may lead to two lives: neither falls out without the other.
    connection.execute(
        f"""
        create temp table fallen_{log} as
        with rows as (
            select {life}, landed_at, occurred_at, (namespace, event_id) in (
                select (namespace, event_id) from ({scan(zone.stored(log), contract()[log].landed)}) where collides
            ) as is_contested
            from ({scan(zone.stored(log), contract()[log].landed)}) {narrowed}
        )

        select {life}, max(occurred_at) as last_at
        from rows
        group by {life}
        having max(landed_at) < $cutoff and max(occurred_at) < $cutoff and not bool_or(is_contested)
        """,
        {"cutoff": cutoff},
    )
    number, last = connection.execute(f"select count(*), max(last_at) from fallen_{log}").fetchall()[0]
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
    """What the ledger says of one file that loses rows, after what stays of it was written; nothing where it loses none."""
    log = batches[0].log
    gone = [batch for batch in batches if batch.batch_id in zone.superseded and batch.at < cutoff]
    ids = ", ".join(literal(batch.batch_id) for batch in gone) or "null"
    life = ", ".join(LIVES[log])
    falls = f"(coalesce(batch_id in ({ids}), false) or coalesce(({life}) in (select ({life}) from fallen_{log}), false))"
    rows = f"read_parquet({literal(str(zone.landing / file))})"
    counted = connection.execute(
        f"select batch_id, count(*) filter ({falls}), count(*) filter (not {falls}) from {rows} group by all order by all"
    ).fetchall()
    removed = {batch: int(out) for batch, out, _ in counted if out}
    if not removed:
        return []
    columns = ", ".join(contract()[log].landed)
    kept = f"select {columns} from {rows} where not {falls} order by batch_id, row_number, event_id"
    written = write_rows(connection, zone.landing, log, kept, {})
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
            raise LandingError(f"{stored.path}: not what the ledger recorded, so nothing was let go.\n  Run `promisekept fsck`.")


def _remove_inputs(landing: Path, ledger: Ledger) -> None:
    """Delete the files in whose place the ledger has put others, also where a run was killed before it could."""
    for line in ledger.lines(RETIRED):
        for entry in line.body["files"]:
            if entry["output"] is None or entry["output"]["file"] != entry["file"]:
                (landing / entry["file"]).unlink(missing_ok=True)
