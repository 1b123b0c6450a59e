"""A source's own SQL over its rows: `skip` and the mapping, in a database that can reach nothing else.

Here: running what a source owner wrote, checking that it yields the contract's columns and returns `_row`, counting the
rows that yield nothing, and finding the rows on which it raises. Not here: validating the values that it yields
(validation.py). Its error messages may quote a value, so only those that come from its text (no row involved) are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

import duckdb

from promisekept.config.source import Source
from promisekept.sources.contract import Log
from promisekept.sources.extract.file_readers import SourceTable
from promisekept.sources.extract.files import RejectedFileError
from promisekept.sources.extract.headers import looks_like_data, no_header, showable, shown
from promisekept.sources.landing.landing_batch import MappingResult
from promisekept.sources.landing.links import link_select
from promisekept.sources.landing.mapping_failures import MOST_EXPLAINED, MappingFailure, explain
from promisekept.sources.sandbox import described, literal, lock_down, quoted, scalar
from promisekept.system_errors import raise_if_refused

MOST_FAILURES = 1000
MOST_LISTED = 1000
_NOT_A_ROW = (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.InternalException, duckdb.InterruptException)
_PLAIN = ("VARCHAR", "BOOLEAN", "DATE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UINTEGER", "FLOAT", "DOUBLE", "VARCHAR[]")


def check_header(log: Log, source: Source, table: SourceTable) -> None:
    """A file without a mapping, against the contract by name.

    Raises:
        RejectedFileError: a column that the contract does not have, or none where null is never allowed and no default is set.
    """
    if not table.header:
        return
    places = {name.strip(): position for position, name in enumerate(table.header, start=1)}
    for position, name in enumerate(table.columns, start=1):
        if name not in log.names:
            if looks_like_data(table.header):
                raise no_header(table.header)
            near = get_close_matches(name, log.names, n=1)
            hint = f"Did they mean `{near[0]}`? " if near else ""
            shown_name = shown(places.get(name, position), name, showable(log, source))
            raise RejectedFileError(
                "unknown_column",
                f"Its header names {shown_name}, which `{log.name}` does not have. "
                f"{hint}List it in `reader.ignore_columns`, or write a mapping.",
                table.header,
                table.rows,
            )
    for column in log.columns:
        if column.required and column.name not in table.columns and column.name not in source.defaults:
            raise RejectedFileError(
                "missing_column",
                f"The header lacks `{column.name}`, which `{log.name}` always needs. Add it, set `defaults`, or write a mapping.",
                table.header,
                table.rows,
            )


def run_mapping(
    connection: duckdb.DuckDBPyConnection, log: Log, source: Source, table: SourceTable, shape: Callable[[], None] | None = None
) -> MappingResult:
    """Run `skip` and the mapping over `raw` and lock the database down; makes `mapped(_row, ...)`.

    Args:
        connection: the sandbox database.
        log: whose contract.
        source: its `skip` and its mapping.
        table: what was read.
        shape: called once `everything` holds the rows as text, to give it more columns for the mapping to use.

    Raises:
        RejectedFileError: the SQL is wrong for this file, yields other columns than the contract's, loses `_row`, or raises on
            more than a thousand rows.
    """
    text = "".join(f", {quoted(name)}{_as_text(kind)} as {quoted(name)}" for name, kind in table.columns.items())
    connection.execute(f"create temp table everything as select _row{text} from raw")
    connection.execute("drop table if exists loaded cascade")
    if shape is not None:
        shape()
    lock_down(connection)
    rows_table, skipped = _skip(connection, source, table)
    sql, name = mapping_sql(source, log)
    _over(connection, rows_table, 0, 0)
    try:
        if source.linking is not None:
            sql = link_select(connection, source.linking, sql, table)
        columns = described(connection, f"({sql})")
    except duckdb.Error as error:
        raise_if_refused(error)
        raise RejectedFileError(
            "mapping_broken", f"{name} does not run over this file: {first_line(error)}", table.header, table.rows
        ) from None
    _check_columns(log, source, name, columns, table)
    yields = {column: kind for column, kind in columns.items() if column != "_row"}
    chosen = ", ".join(f"{quoted(column)}{_portable(kind)} as {quoted(column)}" for column, kind in yields.items())
    event = f"select try_cast(_row as bigint) as _row, {chosen} from ({sql})"
    connection.execute(f"create temp table mapped as {event} limit 0")
    failed = _run(connection, rows_table, event, table)
    failures: list[MappingFailure] = []
    for number in sorted(failed)[:MOST_EXPLAINED]:
        _over(connection, rows_table, number, number)
        failures.append(explain(connection, number, sql, yields, showable(log, source)))
    _over(connection, rows_table, 1, 0)
    _check_rows(connection, name, table)
    _check_needs(connection, log, source, name, table)
    unmapped = f"from {rows_table} anti join mapped using (_row) where _row not in (select unnest($failed::bigint[]))"
    rows = connection.execute(f"select _row {unmapped} order by _row", {"failed": failed}).fetchall()
    unmapped_rows = [int(row[0]) for row in rows[:MOST_LISTED]]
    return MappingResult(yields, skipped, len(rows), unmapped_rows, failed, tuple(failures), ran=True)


def _as_text(kind: str) -> str:
    return "::varchar[]" if kind.endswith("[]") else "::varchar"


def _portable(kind: str) -> str:
    return "" if kind in _PLAIN or kind.startswith(("TIMESTAMP", "DECIMAL")) else _as_text(kind)


def first_line(error: duckdb.Error) -> str:
    """What went wrong, without the lines that may quote a value."""
    return str(error).split("\n", 1)[0]


def _skip(connection: duckdb.DuckDBPyConnection, source: Source, table: SourceTable) -> tuple[str, int]:
    if source.skip is None:
        return "everything", 0
    try:
        connection.execute(f"create temp table kept as select * from everything where ({source.skip}) is not true")
    except duckdb.BinderException as error:
        message = f"`skip` does not run over this file: {first_line(error)}"
        raise RejectedFileError("skip_broken", message, table.header, table.rows) from None
    except duckdb.Error as error:
        raise_if_refused(error)
        message = "`skip` raises an error on a row of this file. Use try_cast for values that may be anything."
        raise RejectedFileError("skip_broken", message, table.header, table.rows) from None
    return "kept", table.rows - table.broken - scalar(connection, "select count(*) from kept")


def mapping_sql(source: Source, log: Log) -> tuple[str, str]:
    """The one SELECT that maps a source's rows, and what to call it.

    Raises:
        RejectedFileError: it can't be read, or is something else.
    """
    if source.mapping is None:
        return "select * from source", "the file"
    sql, name = source.mapping.read_text(encoding="utf-8"), source.mapping.name
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise RejectedFileError("mapping_broken", f"{name} is no readable SQL: {first_line(error)}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise RejectedFileError(
            "mapping_broken", f"{name} must be one SELECT over `source` that yields the columns of `{log.name}`."
        )
    return str(statements[0].query).strip().rstrip(";"), name


def _over(connection: duckdb.DuckDBPyConnection, rows_table: str, first: int, last: int) -> None:
    """Let `source` be the rows from `first` to `last`; 0, 0 is none, 1, 0 is all."""
    where = "" if (first, last) == (1, 0) else f" where _row between {first} and {last}"
    connection.execute(f"create or replace temp view source as select * from {rows_table}{where}")


def _run(connection: duckdb.DuckDBPyConnection, rows_table: str, event: str, table: SourceTable) -> list[int]:
    """Fill `mapped`; the numbers of the rows on which the mapping raises, found by halving."""

    def succeeds() -> bool:
        try:
            connection.execute(f"insert into mapped {event}")
        except _NOT_A_ROW:
            raise
        except duckdb.Error:
            return False
        return True

    _over(connection, rows_table, 1, 0)
    if succeeds():
        return []
    numbers = [int(row[0]) for row in connection.execute(f"select _row from {rows_table} order by _row").fetchall()]
    failed: list[int] = []
    waiting = [(0, len(numbers))]
    while waiting:
        low, high = waiting.pop()
        _over(connection, rows_table, numbers[low], numbers[high - 1])
        if succeeds():
            continue
        if high - low == 1:
            failed.append(numbers[low])
            if len(failed) > MOST_FAILURES:
                message = f"The mapping raises an error on more than {MOST_FAILURES} rows of this file."
                raise RejectedFileError("mapping_fails", message, table.header, table.rows)
            continue
        middle = (low + high) // 2
        waiting += [(middle, high), (low, middle)]
    return failed


def _check_columns(log: Log, source: Source, name: str, columns: Mapping[str, str], table: SourceTable) -> None:
    showable_names = showable(log, source)
    yields = [
        (column, shown(position, column, showable_names)) for position, column in enumerate(columns, start=1) if column != "_row"
    ]

    def rejected(problem: str) -> RejectedFileError:
        listed = ", ".join(name.strip("`") for _, name in yields)
        return RejectedFileError("mapping_columns", f"{name} {problem}\n  It yields: {listed}", table.header, table.rows)

    if "_row" not in columns:
        raise rejected("does not return `_row`, by which a row is traced back. Select it from `source`.")
    for column, named in yields:
        if column not in log.names:
            near = get_close_matches(column, log.names, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else " Leave it out."
            raise rejected(f"yields {named}, which `{log.name}` does not have.{hint}")
    for wanted in log.columns:
        if wanted.required and wanted.name not in columns and wanted.name not in source.defaults:
            raise rejected(f"yields no column `{wanted.name}`, which `{log.name}` needs. Rename or derive it.")


def _check_rows(connection: duckdb.DuckDBPyConnection, name: str, table: SourceTable) -> None:
    without_row = scalar(connection, "select count(*) from mapped anti join everything using (_row)")
    if without_row:
        message = (
            f"{name} returns a `_row` that the file does not have, on {without_row} events. Select it unchanged from `source`."
        )
        raise RejectedFileError("mapping_row", message, table.header, table.rows)


def _check_needs(connection: duckdb.DuckDBPyConnection, log: Log, source: Source, name: str, table: SourceTable) -> None:
    """A column that only some events need, where the mapping yields such events and not the column."""
    yields = [column for column in described(connection, "mapped") if column != "_row"]
    for wanted in log.columns:
        for on, values in wanted.required_on:
            if wanted.name in yields or wanted.name in source.defaults or on not in yields:
                continue
            listed = ", ".join(literal(value) for value in values)
            if scalar(connection, f"select count(*) from mapped where {quoted(on)}::varchar in ({listed})"):
                message = (
                    f"{name} yields no column `{wanted.name}`, which `{log.name}` needs on `{'`, `'.join(values)}`.\n"
                    f"  It yields: {', '.join(yields)}\n  Rename or derive it, or set `defaults`."
                )
                raise RejectedFileError("mapping_columns", message, table.header, table.rows)
