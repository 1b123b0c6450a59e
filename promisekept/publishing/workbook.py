"""A table as a file for a spreadsheet: .xlsx with typed cells, or .csv as every download (spreadsheet.py).

Here: the two files. A number and a date of a workbook are the same in every language of the spreadsheet; those of a CSV are text,
which it reads by its own. In neither is a text a formula. Not here: Parquet (tables.py), or reading workbooks
(promisekept/sources).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from promisekept.errors import PublishingError
from promisekept.publishing.spreadsheet import spreadsheet_csv

_FIRST_YEAR = 1900
_MOST_ROWS, _MOST_TEXT, _EXACT = 1_048_575, 32_767, 2**53
"""What a sheet, a cell, and a number of a spreadsheet hold."""
_SHORT_DATE, _DATE_AND_TIME = 14, 22  # the spreadsheet's own, in the order of its language


def write_spreadsheet(table: pa.Table, file: Path) -> None:
    """Write a table; the name of the file decides its format.

    Raises:
        PublishingError: the name ends in neither .xlsx nor .csv, the file is there, or a sheet holds fewer rows.
    """
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise PublishingError(f"{file}: this is neither .xlsx nor .csv.\n  Name one that is.")
    if file.exists():
        raise PublishingError(f"{file}: this file is there.\n  Name a new one: nothing is overwritten.")
    if file.suffix.lower() == ".csv":
        file.write_bytes(spreadsheet_csv(table.column_names, (list(map(_flat, row.values())) for row in table.to_pylist())))
        return
    if table.num_rows > _MOST_ROWS:
        raise PublishingError(f"{file}: a sheet holds {_MOST_ROWS:,} rows, and these are {table.num_rows:,}.\n  Name a .csv.")
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("promisekept")
        formats = [book.add_format({"num_format": number}) for number in (_SHORT_DATE, _DATE_AND_TIME)]
        for column, name in enumerate(table.column_names):
            sheet.write_string(0, column, name)
        rows = (row for batch in table.to_batches() for row in batch.to_pylist())
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(map(_flat, row.values())):
                _write(sheet, (number, column), value, formats)


def _write(sheet: Worksheet, at: tuple[int, int], value: object, formats: Sequence[Format]) -> None:
    """Write a cell in its type; text is given as text, so that none is computed."""
    day, instant = formats
    if isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, float | int | Decimal) and -_EXACT < value < _EXACT:
        sheet.write_number(*at, value)
    elif isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        sheet.write_datetime(*at, value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value, instant)
    elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        sheet.write_datetime(*at, value, day)
    elif value is not None:
        sheet.write_string(*at, str(value)[:_MOST_TEXT])


def _flat(value: object) -> object:
    """A list as one text; every other value as it is."""
    return "; ".join(str(one) for one in value) if isinstance(value, list) else value
