"""A table as three files with the same rows in the same order: record copy, spreadsheet copy, Parquet.

Here: which files a table has, and what datapackage.json states about the record copy. Not here: their bytes (table_formats.py),
which rows (audiences.py) or which cells (suppression.py). Rows stream in slices of a fixed size, so that memory is bounded and
the bytes are the same on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

from promisekept.durable import file_sha256
from promisekept.evidence.table_formats import as_text, csv_copy, defused

ROWS_AT_ONCE = 100_000
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
class BundleTable:
    """A table that was written: its name, its key, its columns with their SQL types, and how many rows it holds."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    rows: int
    folder: str


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
) -> BundleTable:
    """Write what a query yields, in the order of its columns.

    Args:
        connection: on which the query runs; nothing else may run on it meanwhile.
        query: yields `columns`, nested ones as JSON text.
        folder: of the files; exists.
        name: of the files, without their endings.
        key: the columns that identify the rows.
        columns: name and SQL type.
        copies: whether the spreadsheet copy and Parquet are written, too.

    Returns:
        What was written.
    """
    reader = connection.sql(f"select * from ({query}) order by all").to_arrow_reader(ROWS_AT_ONCE)
    stored = pa.schema([pa.field(column.name, column.type) for column in reader.schema])
    rows = 0
    with ExitStack() as opened, ThreadPoolExecutor(1 + 2 * copies) as writing:
        record = csv_copy(opened, folder / f"{name}.csv", stored)
        if copies:
            sheet = csv_copy(opened, folder / f"{name}.excel-safe.csv", stored, for_spreadsheets=True)
            parquet = opened.enter_context(pyarrow.parquet.ParquetWriter(folder / f"{name}.parquet", stored, compression="zstd"))
        begun: list[Future[None]] = []
        for batch in reader:  # the next slice is brought while the files take in the last one
            for one in begun:
                one.result()
            slice_ = pa.Table.from_batches([batch], stored)
            text_rows = as_text(slice_)
            begun = [writing.submit(record.write_table, text_rows)]
            if copies:
                begun.append(writing.submit(lambda text: sheet.write_table(defused(text)), text_rows))
                begun.append(writing.submit(parquet.write_table, slice_, ROWS_AT_ONCE))
            rows += batch.num_rows
        for one in begun:
            one.result()
    return BundleTable(name, key, dict(columns), rows, folder.name)


def described(tables: Sequence[BundleTable], data: Path, name: str, title: str) -> dict[str, Any]:
    """`datapackage.json` (Frictionless Data Package): fields, types, keys, units, hash and rows of each record copy."""
    with ThreadPoolExecutor(os.cpu_count()) as hashing:
        resources = list(hashing.map(lambda table: _resource(table, data), tables))
    return {
        "name": name.lower(),
        "title": title,
        "profile": "tabular-data-package",
        "resources": resources,
    }


def _resource(table: BundleTable, data: Path) -> dict[str, Any]:
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
    json_type = "array" if is_nested(kind) else _TYPES.get(kind, "string")
    unit = next((unit for part, unit in _UNITS if part in name and json_type in {"integer", "number"}), None)
    return {"name": name, "type": json_type} | ({"unit": unit} if unit else {})
