"""The three forms in which a table lies in a bundle, slice by slice: record copy, spreadsheet copy, Parquet.

Here: their bytes. Not here: which tables have which of them, or what is stated of them (tables.py). Each writer may work in a
thread of its own: what it does to a slice, it does outside of Python.

The record copy is UTF-8 with line feeds, text in quotation marks, an empty cell for null, instants in UTC as ISO 8601 with
microseconds, lists as JSON.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from promisekept.publishing.spreadsheet import MARK, defused_column


def as_text(slice_: pa.Table) -> pa.Table:
    """A slice with its days and instants written out, as both CSV copies hold them."""
    return pa.table([_as_text(column) for column in slice_.columns], names=slice_.column_names)


class _CsvCopy:
    """One CSV file, written slice by slice."""

    _QUOTING: str
    _MARK = b""

    def __init__(self, path: Path, stored: pa.Schema) -> None:
        self._file = pa.OSFile(str(path), "wb")  # a file of Python's would take its lock for every thousand rows
        self._file.write(self._MARK)
        options = pyarrow.csv.WriteOptions(quoting_style=self._QUOTING, batch_size=1024)
        self._writer = pyarrow.csv.CSVWriter(self._file, as_text(stored.empty_table()).schema, write_options=options)

    def write(self, text_rows: pa.Table) -> None:
        """Add a slice, its days and instants as text."""
        self._writer.write_table(text_rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.close()
        self._file.close()


class RecordCopy(_CsvCopy):
    """What a machine reads."""

    _QUOTING = "needed"


class SpreadsheetCopy(_CsvCopy):
    """What a spreadsheet opens: every cell quoted, and none of them a formula."""

    _QUOTING = "all_valid"
    _MARK = MARK.encode()

    def write(self, text_rows: pa.Table) -> None:
        """Add a slice, its days and instants as text."""
        super().write(pa.table([_defused(column) for column in text_rows.columns], names=text_rows.column_names))


class ParquetCopy:
    """What an analyst reads: the types of the table themselves."""

    def __init__(self, path: Path, stored: pa.Schema, rows_at_once: int) -> None:
        self._rows_at_once = rows_at_once
        self._writer = pyarrow.parquet.ParquetWriter(path, stored, compression="zstd")

    def write(self, slice_: pa.Table) -> None:
        """Add a slice as a row group of its own."""
        self._writer.write_table(slice_, row_group_size=self._rows_at_once)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.close()


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        # Ten times as fast as strftime, which asks the zone of every single value; the instants are in UTC.
        text = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
        return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T", max_replacements=1), "Z", "")
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return defused_column(column) if pa.types.is_string(column.type) else column
