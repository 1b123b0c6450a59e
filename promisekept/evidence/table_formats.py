"""The CSV copies of a table in a bundle, slice by slice: record copy and spreadsheet copy.

Here: their bytes. Not here: which tables have which of them, or what is stated of them (tables.py). Each writer may work in a
thread of its own: what it does to a slice, it does outside of Python.

The record copy is UTF-8 with line feeds, text in quotation marks, an empty cell for null, instants in UTC as ISO 8601 with
microseconds, lists as JSON.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from promisekept.publishing.spreadsheet import MARK, defused_column


def as_text(slice_: pa.Table) -> pa.Table:
    """A slice with its days and instants written out, as both CSV copies hold them."""
    return pa.table([_as_text(column) for column in slice_.columns], names=slice_.column_names)


def defused(text_rows: pa.Table) -> pa.Table:
    """A slice as text with no cell that a spreadsheet would take for a formula."""
    return pa.table([_defused(column) for column in text_rows.columns], names=text_rows.column_names)


def csv_copy(opened: ExitStack, path: Path, stored: pa.Schema, *, for_spreadsheets: bool = False) -> pyarrow.csv.CSVWriter:
    """The writer of a CSV copy, closed with `opened`; one for spreadsheets bears their mark and has every cell quoted."""
    file = opened.enter_context(pa.OSFile(str(path), "wb"))  # a file of Python's would take its lock for every thousand rows
    file.write(MARK.encode() if for_spreadsheets else b"")
    options = pyarrow.csv.WriteOptions(quoting_style="all_valid" if for_spreadsheets else "needed", batch_size=1024)
    schema = as_text(stored.empty_table()).schema
    return opened.enter_context(pyarrow.csv.CSVWriter(file, schema, write_options=options))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        # Ten times as fast as strftime, which asks the zone of every single value; the instants are in UTC.
        text = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
        return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T", max_replacements=1), "Z", "")
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return defused_column(column) if pa.types.is_string(column.type) else column
