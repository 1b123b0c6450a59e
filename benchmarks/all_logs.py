"""All nine logs of any size, made from nothing, the same each time.

Here: writing an inbox with a folder per log and a Parquet file per month in it, and a further day's delivery, of which some
rows are late and some came before. Not here: what lives consents, disclosures and records have (log_sql/), or requests
(generate.py).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from benchmarks.generate import DRAWS, write_inbox

SQL = Path(__file__).with_name("log_sql")
LOGS = ("consents", "disclosures", "retention", "collections", "processing", "incidents", "policies", "subject_links")
"""Those beside requests."""

DAYS = 730
"""A further day brings one of so many parts of the events."""

# What comes into which file: the month in which it happened; a few rows come twice, a few are corrected a month later, and
# fewer still are told once more with another time, so that nobody can say which is true.
_DELIVERIES = """
create or replace temp table deliveries as
select date_trunc('month', occurred_at)::date as month, null::bigint as revision, * from happened
union all
select date_trunc('month', occurred_at + to_days(31))::date, null, * from happened where hash(event_id) % 2000 = 1
union all
select date_trunc('month', occurred_at + to_days(31))::date, 1, * replace (occurred_at + to_hours(1) as occurred_at)
from happened where hash(event_id) % 5000 = 2
union all
select date_trunc('month', occurred_at + to_days(31))::date, null, * replace (occurred_at + to_hours(1) as occurred_at)
from happened where hash(event_id) % 20000 = 3
"""

# What begins a life begins a new one on the further day; every other event goes on with the life of the row it is made from.
_BEGINNINGS = {
    "requests": ("request_id", "received"),
    "retention": ("record_id", "created"),
    "incidents": ("incident_id", "detected"),
    "policies": ("policy_version", "published"),
}
_FURTHER = """
copy (
    with
    old as (
        select * from read_parquet('{folder}/{log}-*.parquet')
        where revision is null and hash(event_id) % {parts} = {parts} // 2
        qualify count(*) over (partition by event_id) = 1
    ),

    sorted as (select *, hash(event_id, 'further') % 100 as fate from old)

    select * exclude (fate) from sorted where fate < 5
    union all by name
    select
        * exclude (fate) replace (
            {life}
            event_id || '.further' as event_id,
            if(fate < 15, occurred_at + to_minutes(1), {moment}) as occurred_at,
            if(fate < 15, occurred_at + to_minutes(2), {moment} + to_minutes(1)) as recorded_at
        )
    from sorted where fate >= 5
    order by event_id
) to '{folder}/{log}-further.parquet' (format parquet)
"""


def requests_of(events: int) -> int:
    """How many requests a log of that many events of all kinds has."""
    return max(20, events * 55 // 10_000)


def write_inboxes(folder: Path, events: int, *, one_file: bool = False, memory_limit: str = "8GB") -> int:
    """Write two years of all logs.

    Args:
        folder: a folder per log comes to lie in it.
        events: how many, roughly; the mix is that of a business that lives on consent and sharing.
        one_file: all months of a log in one.
        memory_limit: of the generator, which may spill to disk.

    Returns:
        The number of rows written, repeated deliveries included.
    """
    rows = write_inbox(folder / "requests", requests_of(events), one_file=one_file, memory_limit=memory_limit)
    with duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(folder / ".spill")}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, value in {"events": events, "persons": max(50, events // 12), "links": max(10, events // 2500)}.items():
            connection.execute(f"set variable {name} = {value}")
        connection.execute(DRAWS.read_text(encoding="utf-8"))
        connection.execute((SQL / "0_persons.sql").read_text(encoding="utf-8"))
        for log in LOGS:
            connection.execute((SQL / f"{log}.sql").read_text(encoding="utf-8"))
            connection.execute(_DELIVERIES)
            if one_file:
                connection.execute("update deliveries set month = (select max(month) from deliveries)")
            rows += _export(connection, folder / log, log)
    return rows


def write_further_day(folder: Path, *, parts: int = DAYS) -> int:
    """Write one more file per log: a day's events, some of them late and some that came before.

    Args:
        folder: inboxes that `write_inboxes` has filled.
        parts: the day brings one of so many parts of the events.

    Returns:
        The number of rows written.
    """
    rows = 0
    moment = "timestamptz '2026-11-15 13:00:00+00' + to_seconds((hash(event_id) % 36000)::bigint)"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for log in ("requests", *LOGS):
            column, event_type = _BEGINNINGS.get(log, ("", ""))
            life = f"if(event_type = '{event_type}', {column} || '-further', {column}) as {column}," if column else ""
            connection.execute(_FURTHER.format(folder=folder / log, log=log, parts=parts, life=life, moment=moment))
            file = str(folder / log / f"{log}-further.parquet")
            written = connection.execute("select count(*) from read_parquet(?)", [file]).fetchall()[0][0]
            rows += written
            if not written:
                Path(file).unlink()
    return rows


def _export(connection: duckdb.DuckDBPyConnection, folder: Path, log: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    months = connection.execute("select month, count(*) from deliveries group by month order by month").fetchall()
    for month, _ in months:
        connection.execute(
            "copy (select * exclude (month) from deliveries where month = $month order by occurred_at, event_id, revision)"
            f" to '{folder / f'{log}-{month:%Y-%m}.parquet'}' (format parquet)",
            {"month": month},
        )
    return sum(count for _, count in months)


def main() -> None:
    """Write inboxes as a process of its own, whose memory nobody inherits; prints the number of rows."""
    parser = argparse.ArgumentParser(description="Write all logs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("events", type=int, help="how many; with --day it does not matter")
    parser.add_argument("--day", action="store_true", help="add a further day to inboxes that are there")
    parser.add_argument("--one-file", action="store_true", help="all months of a log in one file")
    given = parser.parse_args()
    if given.day:
        print(write_further_day(given.folder))
    else:
        print(write_inboxes(given.folder, given.events, one_file=given.one_file))


if __name__ == "__main__":
    main()
