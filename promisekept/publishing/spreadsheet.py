"""CSV that a spreadsheet may open: nothing in a cell is taken for a formula.

Here: one rule for every such file (downloads of the dashboard, the copies in a bundle). Not here: the record copy of a
table, whose bytes a machine reads, or the note of who took a file away (export_log.py).

The rule is OWASP's for CSV injection: each cell is quoted, and text that begins with `=`, `+`, `-`, `@`, a tab or a line's
end, or with their full-width twins, is led by an apostrophe, also where blanks come first. A number is a number and stays
one. The file begins with the mark by which spreadsheets recognise UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_FORMULA = re.compile(r"^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_FORMULA_RE2 = r"^(?:[\t\r\n]|[\s\x0b\x1c-\x1f\x{85}\pZ]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])"
"""The same for the engine that looks through whole columns, whose `\\s` matches ASCII only."""

MARK = "\ufeff"


def defused(value: object) -> str:
    """A cell's text that no spreadsheet computes; nothing is lost, an apostrophe at most is added."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    text = value.isoformat() if isinstance(value, date) else str(value)
    return "'" + text if _FORMULA.match(text) else text


def defused_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`defused` for a whole column of text."""
    is_formula = pc.match_substring_regex(column, _FORMULA_RE2)
    if not pc.any(is_formula).as_py():  # nearly every column: nothing is copied then
        return column
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)


def spreadsheet_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV for a spreadsheet.

    Args:
        columns: the header; defused like any cell.
        rows: as many values each; None is an empty cell, an instant is written in UTC.
    """
    text = io.StringIO(newline="")
    text.write(MARK)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([defused(name) for name in columns])
    writer.writerows([defused(value) for value in row] for row in rows)
    return text.getvalue().encode()
