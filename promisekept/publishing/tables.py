"""A snapshot as Parquet with a catalogue, for tools that read files.

Here: a file per table, `catalogue.json`, which lists them with their columns and what those mean, and `catalogue.duckdb`, whose
views read them. Not here: a bundle for somebody outside (promisekept/evidence), or opening the snapshot (reader.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from promisekept.errors import PublishingError
from promisekept.publishing.queries import ColumnDescription, describe_columns, describe_tables
from promisekept.publishing.reader import NO_EXTENSIONS, SnapshotReader

CATALOGUE, VIEWS = "catalogue.json", "catalogue.duckdb"
_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table as a file; `file` is relative to the folder of the catalogue."""

    table: str
    file: str
    rows: int
    sha256: str
    description: str | None
    columns: tuple[ColumnDescription, ...]


def write_tables(snapshot: SnapshotReader, folder: Path) -> tuple[TableFile, ...]:
    """Write every table of a snapshot, and then the two catalogues.

    Args:
        snapshot: an open one.
        folder: new or empty.

    Returns:
        What was written, in the order of `promisekept describe`.

    Raises:
        PublishingError: the folder holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PublishingError(f"{folder}: this is no empty folder.\n  Name a new one, or empty it: nothing is overwritten.")
    written = tuple(_written(snapshot, table.relation, folder) for table in describe_tables(snapshot))
    _write_views(written, folder)
    listed = {
        "snapshot": snapshot.id,
        "as_of": snapshot.manifest["as_of"],
        "time_zone": snapshot.manifest["time_zone"],
        "tables": [asdict(one) for one in written],
    }
    (folder / CATALOGUE).write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return written


def _written(snapshot: SnapshotReader, relation: str, folder: Path) -> TableFile:
    about, columns = describe_columns(snapshot, relation)
    file = folder / about.schema / f"{about.name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    reader = snapshot.cursor().sql(f"select * from {relation}").to_arrow_reader(_BATCH)
    schema = _described(reader.schema, columns, about.description)
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            rows += batch.num_rows
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return TableFile(relation, f"{about.schema}/{file.name}", rows, digest, about.description, tuple(columns))


def _described(schema: pa.Schema, columns: Sequence[ColumnDescription], description: str | None) -> pa.Schema:
    """The schema with descriptions as metadata, where Arrow and Parquet readers look for them."""
    texts = {one.name: one.description for one in columns}
    fields = [field.with_metadata({"description": text}) if (text := texts.get(field.name)) else field for field in schema]
    return pa.schema(fields, {"description": description} if description else None)


def _write_views(written: Sequence[TableFile], folder: Path) -> None:
    """Views name their files by the whole path: DuckDB reads a relative one from where the reader works."""
    with duckdb.connect(str(folder / VIEWS), config=NO_EXTENSIONS) as connection:
        for schema in dict.fromkeys(one.table.partition(".")[0] for one in written):
            connection.execute(f"create schema {schema}")
        for one in written:
            path = _quoted(str((folder / one.file).resolve()))
            connection.execute(f"create view {one.table} as select * from read_parquet({path})")
            if one.description:
                connection.execute(f"comment on view {one.table} is {_quoted(one.description)}")
            for column in one.columns:
                if column.description:
                    connection.execute(f'comment on column {one.table}."{column.name}" is {_quoted(column.description)}')


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
