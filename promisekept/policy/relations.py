"""A pack as tables of the warehouse: schema `pack`, one table per register, always all of them.

Here: names and SQL types of those tables, periods as months and days, holidays as rows. Not here: what the tables mean
to a metric or a deadline (dbt_project). Lists are VARCHAR[], yes and no are BOOLEAN, empty cells are null; `line` is the
line of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

from promisekept.policy.calendars import Calendar, build_calendar
from promisekept.policy.loading import Pack, Register, RegisterRow
from promisekept.policy.manifest import EEA
from promisekept.policy.registers import EEA_MEMBERS, REGISTERS, RegisterColumn
from promisekept.policy.thresholds import THRESHOLDS
from promisekept.policy.values import read_period

_TYPES = {
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "list": pa.list_(pa.string()),
}
SCHEMA = "pack"
# Filled by pack_store.py, which reads earlier packs.
_RETROACTIVE_CHANGES = (
    "register varchar, row_key varchar, kind varchar, columns varchar[], valid_from date,"
    " landed_at timestamptz, pack_sha256 varchar"
)


def attach_pack(connection: duckdb.DuckDBPyConnection, pack: Pack) -> None:
    """Write a pack into schema `pack`, replacing what is there.

    Args:
        connection: to the warehouse; the caller's transaction, if one is open, is used.
        pack: as loaded; its calendars are built here.

    Raises:
        PackError: a calendar can't be built.
    """
    built = {row["calendar"]: build_calendar(row) for row in pack.rows("calendars")}
    connection.execute(f"create schema if not exists {SCHEMA}")
    connection.execute(f"drop table if exists {SCHEMA}.settings")
    for name, definition in REGISTERS.items():
        table = _calendars(pack.registers[name], built) if name == "calendars" else _table(pack.registers[name])
        _replace(connection, definition.name, table)
    _replace(connection, "holidays", _holidays(tuple(built.values())))
    _replace(connection, "registers", _registers(pack))
    _replace(connection, "notification_periods", _notification_periods(pack))
    connection.execute(f"create table if not exists {SCHEMA}.retroactive_changes ({_RETROACTIVE_CHANGES})")
    _replace(connection, "settings", _settings(pack))  # last: its hash means that all the others are written


def attached_pack(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The hash of the pack that stands in schema `pack`; None where none does."""
    try:
        found = connection.execute(f"select sha256 from {SCHEMA}.settings").fetchone()
    except duckdb.CatalogException:
        return None
    return str(found[0]) if found else None


def _replace(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.execute(f"drop table if exists {SCHEMA}.{name}")
    connection.from_arrow(table).create(f"{SCHEMA}.{name}")


def _arrow(names: Sequence[str], types: Sequence[pa.DataType], rows: Sequence[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(arrays, names=list(names))


def _type(column: RegisterColumn) -> pa.DataType:
    return _TYPES.get(column.type, pa.string())


def _table(register: Register) -> pa.Table:
    columns = register.definition.columns
    periods = [column.name for column in columns if column.type == "period"]
    names = [column.name for column in columns] + ["line"]
    types = [_type(column) for column in columns] + [pa.int64()]
    for name in periods:
        stem = name.removesuffix("_period")
        names += [f"{stem}_months", f"{stem}_days"]
        types += [pa.int64(), pa.int64()]
    rows = [[*(row[column.name] for column in columns), row.line, *_parts(row, periods)] for row in register.rows]
    return _arrow(names, types, rows)


def _parts(row: RegisterRow, periods: Iterable[str]) -> list[int | None]:
    parts: list[int | None] = []
    for name in periods:
        period = read_period(row[name]) if row[name] else None
        parts += [period.months, period.days] if period else [None, None]
    return parts


def _calendars(register: Register, built: dict[str, Calendar]) -> pa.Table:
    table = _table(register)
    days = [built[row["calendar"]] for row in register.rows]
    table = table.append_column("first_day", pa.array([item.first_day for item in days], pa.date32()))
    return table.append_column("last_day", pa.array([item.last_day for item in days], pa.date32()))


@lru_cache(maxsize=2)  # sixty thousand days, which the next build of the same process writes as well
def _holidays(built: tuple[Calendar, ...]) -> pa.Table:
    rows = [(item.code, day, name) for item in built for day, name in item.days]
    return _arrow(("calendar", "day", "name"), (pa.string(), pa.date32(), pa.string()), rows)


def _registers(pack: Pack) -> pa.Table:
    rows = [(name, item.present, item.shipped, len(item.rows)) for name, item in pack.registers.items()]
    types = (pa.string(), pa.bool_(), pa.bool_(), pa.int64())
    return _arrow(("register", "present", "shipped", "rows"), types, rows)


def _settings(pack: Pack) -> pa.Table:
    own = pack.settings
    columns: dict[str, tuple[pa.DataType, Any]] = {
        "name": (pa.string(), own.name),
        "version": (pa.string(), own.version),
        "effective_from": (pa.date32(), own.effective_from),
        "sha256": (pa.string(), pack.sha256),
        "library_version": (pa.string(), pack.library_version),
        "adequate_countries": (pa.list_(pa.string()), own.adequate_countries),
    }
    for name, value in own.thresholds.items():
        if THRESHOLDS[name].form == "period":
            period = read_period(str(value))
            columns |= {f"{name}_months": (pa.int64(), period.months), f"{name}_days": (pa.int64(), period.days)}
        else:
            columns[name] = (pa.float64() if THRESHOLDS[name].form == "share" else pa.int64(), value)
    kinds, row = zip(*columns.values(), strict=True)
    return _arrow(tuple(columns), kinds, [row])


def _notification_periods(pack: Pack) -> pa.Table:
    """Within what time whom to notify of an incident: incident_hours, and the register's rows with one for each EEA member."""
    given = ("whom", "period_n", "period_unit", "calendar", "more_than", "runs_from", "valid_from", "valid_to", "citation")
    hours = sorted(pack.settings.incident_hours.items())
    rows: list[Sequence[Any]] = [(place, False, "authority", n, "hour", *[None] * 6) for place, n in hours]
    for row in pack.rows("notification_rules"):
        is_group = row["jurisdiction"] == EEA_MEMBERS
        for place in EEA if is_group else (row["jurisdiction"],):
            rows.append((place, is_group, *(row[column] for column in given)))
    definition = REGISTERS["notification_rules"]
    types = [pa.string(), pa.bool_(), *(_type(definition.column(column)) for column in given)]
    return _arrow(("jurisdiction", "is_group", *given), types, rows)
