"""The content of a mart as one number that does not depend on the order of its rows.

Here: the content hash of a table and of a set of tables. Not here: the bytes of a file (promisekept/durable.py).

Two hashes stand beside each other because they answer different questions. The SHA-256 of the file proves its bytes,
but `.duckdb` files are not reproducible, so it can't prove that a rebuild came to the same figures. The content hash can:
each row as text (a fixed form per type, text with its length before it, columns by name) gives an MD5; its two 64-bit
halves are summed over the rows, which is blind to order but not to duplicates, and lets a sum follow the rows that a build
deletes and inserts. DuckDB's own `hash()` would be three times
as fast, but may change with any release, and then no old snapshot could be compared with a rebuild. Two tables that
differ by accident agree with a chance of about 2^-128; against intent stands the file's SHA-256 in the ledger.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

import duckdb

LEFT_OUT_COLUMNS = frozenset({"batch_id", "row_number", "landed_at", "first_seen_at", "provenance"})
"""Where a row came from and when: another delivery of the same events changes these and nothing that is claimed."""

LANDED_METRICS = ("rows_landed", "rows_duplicate", "rows_conflicting", "rows_quarantined", "late_rows")
"""The metrics of `fct_metrics` by `landed_at`, left out for the same reason."""

SCHEMA = "marts"
INSERTED = "inserted"
"""The schema of the warehouse that keeps the rows which a build inserts: those of large marts until the next build."""
_NULL, _NEXT = "chr(30)", "chr(31)"
_LOWER_HALF = 2**64 - 1


@dataclass(frozen=True, slots=True)
class RowSum:
    """Rows of a mart as sums, to which those of other rows are added and from which they are taken.

    Attributes:
        rows: how many there are.
        hashed: how many of them count in the hash.
        low: the sum of the lower halves of their hashes.
        high: that of the upper halves.
    """

    rows: int = 0
    hashed: int = 0
    low: int = 0
    high: int = 0

    def __add__(self, other: RowSum) -> RowSum:
        return RowSum(*map(operator.add, astuple(self), astuple(other)))

    def __sub__(self, other: RowSum) -> RowSum:
        return RowSum(*map(operator.sub, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a mart has, and the hash of their content."""

    rows: int
    hash: str


def mart_columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """Type by column by mart, of the schema `marts` of one catalog."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_catalog = ? and table_schema = ? order by table_name, ordinal_position",
        [catalog, SCHEMA],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def row_sum(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: str, before: str = "") -> RowSum:
    """Count and hash rows of one mart.

    Args:
        connection: in which the rows are.
        table: the name of the mart.
        columns: type by column of the mart.
        rows: a relation of these columns.
        before: the `with` clause that the relation comes from.
    """
    # One flat list of pieces: what is joined first and then joined again is copied twice, and the text is most of the work.
    row = f", {_NEXT}, ".join(_pieces(_quoted(name), kind) for name, kind in _hashed(columns).items())
    landed = ", ".join(f"'{code}'" for code in LANDED_METRICS)
    counts = f"metric_code not in ({landed})" if table == "fct_metrics" else "true"
    counted, hashed, low, high = _one_row(
        connection,
        f"{before} select count(*), count(*) filter (counts), sum((half & {_LOWER_HALF}::uhugeint)::ubigint) filter (counts),"
        f" sum((half >> 64)::ubigint) filter (counts)"
        f" from (select md5_number(concat({row or repr('')})) as half, {counts} as counts from {rows})",
    )
    return RowSum(counted, hashed, low or 0, high or 0)


def table_of(table: str, columns: Mapping[str, str], total: RowSum) -> TableSum:
    """The content of a mart, from the sum of all its rows."""
    halves = f"{total.low} {total.high}" if total.hashed else "None None"
    text = "\n".join([table, *(f"{name} {kind}" for name, kind in _hashed(columns).items()), f"{total.hashed} {halves}"])
    return TableSum(total.rows, hashlib.sha256(text.encode()).hexdigest())


def table_sum(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> TableSum:
    """Count and hash one mart of the connection's own schema `marts`."""
    return table_of(table, columns, row_sum(connection, table, columns, mart(table)))


def mart(table: str) -> str:
    """The relation of a mart in the connection's own schema `marts`."""
    return f"{SCHEMA}.{_quoted(table)}"


def content_hash(tables: Mapping[str, TableSum]) -> str:
    """The hash over all tables, whatever order they are given in."""
    return _joined(f"{name} {tables[name].hash}" for name in sorted(tables))


def _hashed(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: columns[name] for name in sorted(columns) if name not in LEFT_OUT_COLUMNS}


def _joined(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _pieces(column: str, kind: str) -> str:
    """The arguments of `concat`, which leaves out nulls, that make a value's text: `_NULL` where there is none."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        return _or_null(f"epoch_us({column})")
    if kind == "DATE":
        return _or_null(f"date_diff('day', date '1970-01-01', {column})")
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return _measured(column, f"to_json({column})")
    if kind == "VARCHAR" or kind.startswith(("ENUM", "JSON")):
        return _measured(column, column)
    return _or_null(column)


def _or_null(value: str) -> str:
    return f"coalesce({value}::varchar, {_NULL})"


def _measured(column: str, value: str) -> str:
    return f"strlen({value}::varchar), case when {column} is null then {_NULL} else ':' end, {value}"


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    (row,) = connection.execute(query).fetchall()
    return tuple(row)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
