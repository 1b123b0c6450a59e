"""The leanest script that computes the facts of the requests log: what one engineer would write by hand, without a framework.

Here: the law and the holidays as tables, the order of the statements, the seconds of each. Not here: the statements
(lean_sql/) or the other logs (lean_logs.py).
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from promisekept.policy.calendars import build_calendar
from promisekept.policy.loading import SHIPPED, Row

SQL = Path(__file__).with_name("lean_sql")
ZONE = "Europe/Dublin"
LAW = """
create temp table rules as
select
    * replace (
        valid_from::date as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to,
        response_n::bigint as response_n, extension_n::bigint as extension_n, ack_n::bigint as ack_n
    )
from read_csv('{law}/regimes.csv', header = true, all_varchar = true, nullstr = '');

create temp table places as
select
    * exclude (notes) replace (
        coalesce(valid_from::date, date '0001-01-01') as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to
    )
from read_csv('{law}/jurisdictions.csv', header = true, all_varchar = true, nullstr = '');
"""


@dataclass(frozen=True)
class Task:
    """What one run reads and writes.

    Attributes:
        inbox: the folder with the Parquet files.
        work: a folder for the landed file and the snapshot.
        as_of: the instant at which requests are judged.
        key: the pseudonym key.
    """

    inbox: Path
    work: Path
    as_of: datetime
    key: bytes


@contextmanager
def opened(task: Task) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in UTC with the snapshot that is written attached."""
    task.work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        connection.execute(f"attach '{task.work / 'snapshot.duckdb'}' as snapshot")
        yield connection


def compute_requests(connection: duckdb.DuckDBPyConnection, task: Task) -> dict[str, float]:
    """Land the requests log and write `fct_requests`.

    Returns:
        Seconds by statement.
    """
    seconds: dict[str, float] = {}
    for name, value in _variables(task).items():
        connection.execute(f"set variable {name} = $value", {"value": value})
    bound = pads(task.key) | {"landed": str(task.work / "landed.parquet")}
    connection.execute(LAW.format(law=SHIPPED))
    for file in sorted(SQL.glob("*.sql")):
        if file.name.startswith("2"):
            began = time.perf_counter()
            _build_calendars(connection)
            seconds["the calendars"] = time.perf_counter() - began
        seconds |= run(connection, file.stem, file.read_text(encoding="utf-8"), bound)
    return seconds


def run(connection: duckdb.DuckDBPyConnection, name: str, sql: str, bound: Mapping[str, object]) -> dict[str, float]:
    """Run statements one by one.

    Returns:
        Seconds by statement.
    """
    seconds: dict[str, float] = {}
    for statement in connection.extract_statements(sql):
        began = time.perf_counter()
        parameters = {each: bound[each] for each in statement.named_parameters}
        connection.execute(statement, parameters or None).fetchall()
        seconds[_name(name, statement.query)] = time.perf_counter() - began
    return seconds


def _name(file: str, statement: str) -> str:
    lines = [line for line in statement.strip().splitlines() if line and not line.startswith("--")]
    return f"{file}: {lines[0].removesuffix(' as')}"


def _variables(task: Task) -> dict[str, object]:
    return {
        "inbox": str(task.inbox / "*.parquet"),
        "landed": str(task.work / "landed.parquet"),
        "as_of": task.as_of,
        "landed_at": datetime.now(UTC),
        "zone": ZONE,
    }


def pads(key: bytes) -> dict[str, bytes]:
    """The two blocks of HMAC-SHA-256."""
    block = key.ljust(64, b"\0")
    return {"ipad": bytes(byte ^ 0x36 for byte in block), "opad": bytes(byte ^ 0x5C for byte in block)}


def _build_calendars(connection: duckdb.DuckDBPyConnection) -> None:
    """The holidays of the places in the log, and of the calendars that their laws name."""
    used = connection.execute(
        "select distinct calendar from places where calendar is not null and jurisdiction in"
        " (select distinct jurisdiction from events where event_type = 'received')"
        " union select distinct calendar from rules where calendar <> 'CONTROLLER'"
    ).fetchall()
    first, last = connection.execute(
        "select year(min(occurred_at)) - 1, year(max(occurred_at)) + 4 from events where event_type = 'received'"
    ).fetchall()[0]
    wanted = {row[0] for row in used}
    with (SHIPPED / "calendars.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["calendar"] in wanted]
    days = [(row["calendar"], day) for row in rows for day, _ in build_calendar(_typed(row), first, last).days]
    tables = {
        "calendars": pa.table({"calendar": [row["calendar"] for row in rows]}),
        "holidays": pa.table({"calendar": [code for code, _ in days], "day": pa.array([day for _, day in days], pa.date32())}),
    }
    for name, table in tables.items():
        connection.register(f"{name}_given", table)
        connection.execute(f"create temp table {name} as from {name}_given")


def _typed(row: dict[str, str]) -> Row:
    lists = {name: tuple(filter(None, row[name].split(";"))) for name in ("categories", "extra_days", "removed_days")}
    texts = {name: cell or None for name, cell in row.items()}
    return Row("calendars.csv", 0, texts | lists | {"observed": row["observed"] == "yes"})
