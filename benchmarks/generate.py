"""A requests log of any size, made from nothing, the same each time.

Here: writing the inbox of a benchmark: event-shaped Parquet files, one per month. Not here: which lives requests have
(generate.sql). Deterministic by hash, so two runs on one machine measure the same work.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

DRAWS = Path(__file__).with_name("draws.sql")
SQL = Path(__file__).with_name("generate.sql")
AS_OF = "2026-11-15T12:00:00+00:00"
LATER = "2026-11-16T12:00:00+00:00"
"""The instant at which the log is judged, and that of the further day."""


def write_inbox(folder: Path, requests: int, *, one_file: bool = False, memory_limit: str = "8GB") -> int:
    """Write the log of that many requests, two years of it.

    Args:
        folder: made if need be; one file per month comes to lie in it.
        requests: how many.
        one_file: all months in one.
        memory_limit: of the generator, which may spill to disk.

    Returns:
        The number of rows written, repeated deliveries included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(folder.parent / "spill")}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(DRAWS.read_text(encoding="utf-8"))
        for statement in connection.extract_statements(SQL.read_text(encoding="utf-8")):
            parameters = {"requests": requests} if "requests" in statement.named_parameters else None
            connection.execute(statement, parameters)
        if one_file:
            connection.execute("update deliveries set month = (select max(month) from deliveries)")
        months = [row[0] for row in connection.execute("select distinct month from deliveries order by month").fetchall()]
        for month in months:
            connection.execute(
                "copy (select * exclude (month) from deliveries where month = $month order by occurred_at, event_id)"
                f" to '{folder / f'requests-{month:%Y-%m}.parquet'}' (format parquet)",
                {"month": month},
            )
        return int(connection.execute("select count(*) from deliveries").fetchall()[0][0])


def main() -> None:
    """Write an inbox as a process of its own, whose memory nobody inherits; prints the number of rows."""
    parser = argparse.ArgumentParser(description="Write a requests log.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int, help="requests")
    parser.add_argument("--one-file", action="store_true", help="all months in one file")
    given = parser.parse_args()
    print(write_inbox(given.folder, given.count, one_file=given.one_file))


if __name__ == "__main__":
    main()
