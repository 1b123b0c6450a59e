"""All nine logs of any size, made from nothing, the same each time: every draw is a hash.

Here: writing an inbox with a folder per log and a Parquet file per month in it, and a further day's delivery, of which some
rows are late and some came before. Not here: what happens in each log (log_sql/).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("log_sql")
LOGS = (
    *("requests", "consents", "disclosures", "retention", "collections", "processing", "incidents", "policies"),
    "subject_links",
)
AS_OF = "2026-11-15T12:00:00+00:00"
LATER = "2026-11-16T12:00:00+00:00"
"""The instant as of which the logs are computed, and that of the further day."""

DAYS = 730
"""A further day brings one of so many parts of the events."""

# What comes into which file: the month in which it happened; a few rows come twice, a few are corrected a month later, and
# fewer still come once more with another time and the same revision: a conflict.
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


def write_inboxes(folder: Path, events: int, *, logs: tuple[str, ...] = LOGS, one_file: bool = False) -> int:
    """Write two years of logs.

    Args:
        folder: a folder per log comes to lie in it.
        events: how many of all nine logs, roughly; the mix is that of a business that lives on consent and sharing.
        logs: those that are written.
        one_file: all months of a log in one.

    Returns:
        The number of rows written, repeated deliveries included.
    """
    rows = 0
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "8GB", "temp_directory": str(folder / ".spill")}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        sizes = {
            "events": events,
            "requests": requests_of(events),
            "persons": max(50, events // 12),
            "links": max(10, events // 2500),
        }
        for name, value in sizes.items():
            connection.execute(f"set variable {name} = {value}")
        connection.execute((SQL / "0_persons.sql").read_text(encoding="utf-8"))
        for log in logs:
            connection.execute((SQL / f"{log}.sql").read_text(encoding="utf-8"))
            connection.execute(_DELIVERIES)
            if one_file:
                connection.execute("update deliveries set month = (select max(month) from deliveries)")
            rows += _export(connection, folder / log, log)
    return rows


def requests_of(events: int) -> int:
    """How many requests a log of that many events of all kinds has."""
    return max(20, events * 55 // 10_000)


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
        for log in LOGS:
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
    parser.add_argument("--parts", type=int, default=DAYS, help="the day brings one of so many parts (default: %(default)s)")
    parser.add_argument("--one-file", action="store_true", help="all months of a log in one file")
    parser.add_argument("--log", choices=LOGS, help="this one only")
    arguments = parser.parse_args()
    if arguments.day:
        print(write_further_day(arguments.folder, parts=arguments.parts))
    else:
        logs = (arguments.log,) if arguments.log else LOGS
        print(write_inboxes(arguments.folder, arguments.events, logs=logs, one_file=arguments.one_file))


if __name__ == "__main__":
    main()
