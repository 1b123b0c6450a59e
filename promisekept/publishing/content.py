"""What a mart says, as one number that does not depend on the order of its rows.

Here: the content hash of a table and of a set of tables. Not here: the bytes of a file (promisekept/durable.py).

Two hashes stand beside each other because they answer different questions. The SHA-256 of the file proves its bytes,
but `.duckdb` files are not reproducible, so it can't say that a rebuild came to the same figures. The content hash can:
each row as text (a fixed form per type, text with its length before it, columns by name) gives an MD5; its two 64-bit
halves are summed over the rows, which is blind to order but not to duplicates. DuckDB's own `hash()` would be three times
as fast, but may change with any release, and then no old snapshot could be compared with a rebuild. Two tables that
differ by accident agree with a chance of about 2^-128; against intent stands the file's SHA-256 in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

LEFT_OUT_COLUMNS = frozenset({"batch_id", "row_number", "landed_at", "first_seen_at", "provenance"})
"""Where a row came from and when: another delivery of the same events changes these and nothing that is claimed."""

LANDED_METRICS = ("rows_landed", "rows_duplicate", "rows_conflicting", "rows_quarantined", "late_rows")
"""The metrics of `fct_metrics` by `landed_at`, left out for the same reason."""

SCHEMA = "marts"
_NULL, _NEXT = "chr(30)", "chr(31)"
_LOWER_HALF = 2**64 - 1


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a mart has, and the hash of what they say."""

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


def table_sum(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> TableSum:
    """Count and hash one mart of the connection's own schema `marts`."""
    hashed = {name: columns[name] for name in sorted(columns) if name not in LEFT_OUT_COLUMNS}
    # One flat list of pieces: what is joined first and then joined again is copied twice, and the text is most of the work.
    row = f", {_NEXT}, ".join(_pieces(_quoted(name), kind) for name, kind in hashed.items())
    counts = "metric_code not in (" + ", ".join(f"'{code}'" for code in LANDED_METRICS) + ")"
    condition = f"where {counts}" if table == "fct_metrics" else ""
    relation = f"{SCHEMA}.{_quoted(table)}"
    low, high, hashed_rows, rows = _one_row(
        connection,
        f"select sum((half & {_LOWER_HALF}::uhugeint)::ubigint), sum((half >> 64)::ubigint), count(*),"
        f" (select count(*) from {relation})"
        f" from (select md5_number(concat({row or repr('')})) as half from {relation} {condition})",
    )
    text = "\n".join([table, *(f"{name} {kind}" for name, kind in hashed.items()), f"{hashed_rows} {low} {high}"])
    return TableSum(int(rows), hashlib.sha256(text.encode()).hexdigest())


def content_hash(tables: Mapping[str, TableSum]) -> str:
    """The hash over all tables, whatever order they are given in."""
    return _joined(f"{name} {tables[name].hash}" for name in sorted(tables))


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
