"""Why a mapping raises on a row: which of its columns, on what kind of value, and for what reason.

Here: the columns tried one by one on the row alone, and the shape of the value at which one fails. A message of DuckDB may quote
a value, so none is passed on; of a value only its shape is shown, in which letters and digits are all alike. Not here: finding
the rows (mapping.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import duckdb

from promisekept.sources.extract.headers import shown
from promisekept.sources.sandbox import quoted

MOST_EXPLAINED = 10
_LONGEST_SHAPE = 30
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_TARGET = re.compile(r"\b(?:to|type) (BOOL(?:EAN)?|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?(?:8|16|32|64|128)?|DATE|TIME|DOUBLE"
                     r"|FLOAT|DECIMAL\(\d+,\d+\)|TIMESTAMP(?: WITH TIME ZONE)?|INTERVAL|UUID)\b")  # fmt: skip
_FIELD = re.compile(r"invalid (date|time|timestamp) (?:field|format)|(date|timestamp) field value out of range", re.IGNORECASE)
_DAY = re.compile(r"Date out of range: (\d+-\d+-\d+)")
_FORMAT = re.compile(r'format specifier "([^"]+)"')


@dataclass(frozen=True, slots=True)
class MappingFailure:
    """One row on which a mapping raises: the column of the contract that fails, None where no column alone does, and why."""

    row: int
    column: str | None
    says: str


def explain(
    connection: duckdb.DuckDBPyConnection, row: int, sql: str, yields: Iterable[str], showable_names: Set[str]
) -> MappingFailure:
    """Why the mapping raises on the one row that `source` holds.

    Args:
        connection: the sandbox database.
        row: its number.
        sql: the mapping.
        yields: its columns.
        showable_names: of the columns of the file, in lower case.
    """
    for column in yields:
        try:
            connection.execute(f"select max({quoted(column)}::varchar) from ({sql})").fetchall()
        except duckdb.Error as error:
            return MappingFailure(row, column, _reason(connection, error, sql, showable_names))
    try:
        connection.execute(f"select count(*) from (select * from ({sql}))").fetchall()
    except duckdb.Error as error:
        return MappingFailure(row, None, _reason(connection, error, sql, showable_names))
    return MappingFailure(row, None, "it raises only where all columns are computed")


def _reason(connection: duckdb.DuckDBPyConnection, error: duckdb.Error, sql: str, showable_names: Set[str]) -> str:
    message = str(error)
    values = set(_QUOTED.findall(message))
    day = _numbers(found[1]) if (found := _DAY.search(message)) else []
    cursor = connection.execute("select * exclude (_row) from source")
    names = [one[0] for one in cursor.description or ()]
    cells = (cursor.fetchall() or [()])[0]
    named = next(
        (
            f"{shown(position, name, set(showable_names))} {shape(cell)}"
            for position, (name, cell) in enumerate(zip(names, cells, strict=False), start=1)
            if isinstance(cell, str) and cell and (cell in values or cell.strip() in values or (day and day == _numbers(cell)))
        ),
        None,
    )
    return f"{named}: {_why(message, error, sql)}" if named else _why(message, error, sql)


def _numbers(text: str) -> list[int]:
    return sorted(int(one) for one in re.findall(r"\d+", text))


def shape(value: str) -> str:
    """A value with each digit as 9 and each run of letters as a: `31.02.2026` is `99.99.9999`, a name is `a a`."""
    text = "".join("9" if one.isdigit() else "a" if one.isalpha() else one if one.isascii() else "?" for one in value)
    text = re.sub("a+", "a", text)
    return text if len(text) <= _LONGEST_SHAPE else text[:_LONGEST_SHAPE] + "..."


def _why(message: str, error: duckdb.Error, sql: str) -> str:
    if (form := _FORMAT.search(message)) and form[1] in sql:
        return f"it does not fit the format {form[1]}"
    if _DAY.search(message):
        return "there is no such day"
    if found := _FIELD.search(message):
        return f"it is no {(found[1] or found[2]).lower()} as ISO 8601 writes it"
    if found := _TARGET.search(message):
        return f"it can't be converted to {found[1]}"
    reasons: Sequence[tuple[type[duckdb.Error], str]] = (
        (duckdb.ConversionException, "it can't be converted"),
        (duckdb.OutOfRangeException, "the result is out of range"),
    )
    return next((why for kind, why in reasons if isinstance(error, kind)), f"the mapping raises {type(error).__name__}")
