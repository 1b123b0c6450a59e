"""A table as three files with the same rows in the same order: record copy, spreadsheet copy, Parquet.

Here: their bytes, and what datapackage.json says of the record copy. Not here: which rows (audiences.py) or which cells
(suppression.py). Rows stream in slices of a fixed size, so that memory is bounded and the bytes are the same on every machine.

The record copy is UTF-8 with line feeds, text in quotation marks, an empty cell for null, instants in UTC as ISO 8601 with
microseconds, lists as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from promisekept.durable import file_sha256
from promisekept.publishing.spreadsheet import MARK, defused_column

_ROWS_AT_ONCE = 100_000
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_TYPES: Mapping[str, str] = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "DOUBLE": "number",
    "BIGINT": "integer",
    "INTEGER": "integer",
}
_UNITS = (("_days", "days"), ("days_", "days"), ("_hours", "hours"), ("hours", "hours"))


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was written: its name, its key, its columns with their SQL types, and how many rows it holds."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    rows: int
    folder: str


def shown(name: str, kind: str) -> str:
    """A column as a bundle holds it: people under the bundle's own key, lists and structures as JSON."""
    if name == "subject_key":
        return "people.shown as subject_key"
    if is_nested(kind):
        return f'to_json(mart."{name}")::varchar as "{name}"'
    return f'mart."{name}"'


def is_nested(kind: str) -> bool:
    """Whether values of an SQL type are lists or structures."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))


def write_table(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    folder: Path,
    name: str,
    *,
    key: tuple[str, ...],
    columns: Mapping[str, str],
    copies: bool = True,
) -> Table:
    """Write what a query yields, in the order of its columns.

    Args:
        connection: on which the query runs; nothing else may run on it meanwhile.
        query: yields `columns`, nested ones as JSON text.
        folder: of the files; exists.
        name: of the files, without their endings.
        key: the columns that tell the rows apart.
        columns: name and SQL type.
        copies: whether the spreadsheet copy and Parquet are written, too.

    Returns:
        What was written.
    """
    reader = connection.sql(f"select * from ({query}) order by all").to_arrow_reader(_ROWS_AT_ONCE)
    stored = pa.schema([pa.field(column.name, column.type) for column in reader.schema])
    as_text = pa.schema([(column.name, pa.string() if _is_told(column.type) else column.type) for column in stored])
    rows = 0
    record = pyarrow.csv.CSVWriter(folder / f"{name}.csv", as_text, write_options=_options("needed"))
    sheet = parquet = None
    if copies:
        stream = (folder / f"{name}.excel-safe.csv").open("wb")
        stream.write(MARK.encode())
        sheet = pyarrow.csv.CSVWriter(stream, as_text, write_options=_options("all_valid"))
        parquet = pyarrow.parquet.ParquetWriter(folder / f"{name}.parquet", stored, compression="zstd")
    for batch in reader:
        slice_ = pa.Table.from_batches([batch], stored)
        told = pa.table([_told(column) for column in slice_.columns], schema=as_text)
        record.write_table(told)
        if sheet is not None and parquet is not None:
            sheet.write_table(pa.table([_defused(column) for column in told.columns], schema=as_text))
            parquet.write_table(slice_, row_group_size=_ROWS_AT_ONCE)
        rows += batch.num_rows
    record.close()
    if sheet is not None and parquet is not None:
        sheet.close()
        stream.close()
        parquet.close()
    return Table(name, key, dict(columns), rows, folder.name)


def described(tables: Sequence[Table], data: Path, name: str, title: str) -> dict[str, Any]:
    """`datapackage.json` (Frictionless Data Package): fields, types, keys, units, hash and rows of each record copy."""
    return {
        "name": name.lower(),
        "title": title,
        "profile": "tabular-data-package",
        "resources": [_resource(table, data) for table in tables],
    }


def _resource(table: Table, data: Path) -> dict[str, Any]:
    path = data / table.folder / f"{table.name}.csv"
    return {
        "name": f"{table.folder}-{table.name}".replace("_", "-"),
        "path": f"{table.folder}/{table.name}.csv",
        "profile": "tabular-data-resource",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "rows": table.rows,
        "schema": {
            "fields": [_field(column, kind) for column, kind in table.columns.items()],
            **({"primaryKey": list(table.key)} if table.key and table.columns.keys() >= set(table.key) else {}),
            "missingValues": [""],
        },
    }


def _field(name: str, kind: str) -> dict[str, str]:
    kind_told = "array" if is_nested(kind) else _TYPES.get(kind, "string")
    unit = next((unit for part, unit in _UNITS if part in name and kind_told in {"integer", "number"}), None)
    return {"name": name, "type": kind_told} | ({"unit": unit} if unit else {})


def _options(quoting: str) -> pyarrow.csv.WriteOptions:
    return pyarrow.csv.WriteOptions(quoting_style=quoting, batch_size=1024)


def _is_told(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _told(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format=_INSTANT)
    return column.cast(pa.string()) if _is_told(column.type) else column


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return defused_column(column) if pa.types.is_string(column.type) else column
