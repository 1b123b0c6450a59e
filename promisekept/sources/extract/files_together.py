"""Several files of one source and the same columns -> one relation `raw`.

Here: which of them have the same columns, and reading these as file_readers.py reads each: Parquet as it is, CSV and JSON Lines
as text. Only what DuckDB reads by itself; whatever is unusual about a file keeps it out, and file_readers.py decides about it.
Not here: when reading together is worth it (landing/file_groups.py).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb

from promisekept.config.readers import Files
from promisekept.config.source import Source
from promisekept.sources.extract.file_readers import AS_IT_IS, SourceTable, csv_cells, json_values
from promisekept.sources.extract.files import RejectedFileError, SourceFile
from promisekept.sources.extract.headers import column_names, require_few
from promisekept.sources.extract.text_rows import DOUBTFUL, csv_header, is_utf8, json_objects
from promisekept.sources.sandbox import described, literal, quoted, scalar


class NotTogetherError(Exception):
    """The files do not have in common what was expected of them; each is to be read alone."""


@dataclass(frozen=True, slots=True)
class FileShape:
    """The format and columns of a file, in a form that can be compared, and what is known of its rows before they are read."""

    columns: tuple[object, ...]
    rows: int = 0


def shapes(connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[SourceFile]) -> list[FileShape | None]:
    """The shape of each of several files; None for one that has to be read alone."""
    parquet = [file for file in files if file.format == "parquet"]
    by_path: dict[str, FileShape] = {}
    if parquet:
        with suppress(duckdb.Error):  # one of them has no readable footer
            by_path = {file.path: shape for file, shape in zip(parquet, _parquet_shapes(connection, parquet), strict=True)}
    return [by_path.get(file.path) if file.format == "parquet" else _text_shape(source, file) for file in files]


def _parquet_shapes(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> Iterator[FileShape]:
    paths = ", ".join(literal(str(file.here)) for file in files)
    counted = f"select file_name, num_rows from parquet_file_metadata([{paths}])"
    rows = {str(path): int(number) for path, number in connection.execute(counted).fetchall()}
    columns: dict[str, list[object]] = {}
    for path, *column in connection.execute(f"select file_name, * exclude (file_name) from parquet_schema([{paths}])").fetchall():
        columns.setdefault(str(path), []).append(tuple(map(str, column)))
    for file in files:
        yield FileShape(("parquet", *columns[str(file.here)]), rows[str(file.here)])


def _text_shape(source: Source, file: SourceFile) -> FileShape | None:
    reader = source.reader
    if not is_utf8(reader.encoding) or (isinstance(reader, Files) and (reader.header_row or 1) > 1):
        return None
    try:
        if file.format == "csv":
            header = csv_header(file, reader.encoding, reader.delimiter, reader.longest_line)
            names = header.names if header.is_first and len(column_names(header.names)) > 1 else None
        else:
            names = _json_keys(file, reader.encoding)
    except (RejectedFileError, ValueError, RecursionError, OSError, EOFError, zlib.error):  # written again since it was hashed
        return None
    return None if names is None else FileShape((file.format, file.gzipped, *names))


def _json_keys(file: SourceFile, encoding: str) -> list[str] | None:
    """All keys of the objects of a file, in order; None where there is no object."""
    with file.open_text(encoding) as stream:
        objects = [json.loads(text) for line in stream if (text := line.strip())]
    if not objects or not all(isinstance(one, dict) for one in objects):
        return None
    keys = sorted({key for one in objects for key in one})
    return keys if column_names(keys) else None


def read_together(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[SourceFile], alike: Sequence[FileShape], apart: int
) -> tuple[SourceTable, list[int]]:
    """Create `raw` and `broken` for several files of the same columns.

    Args:
        connection: the sandbox database.
        source: theirs.
        files: in their order.
        alike: the shape of each; their columns are the same.
        apart: how much higher `_n` begins in each than in the one before.

    Returns:
        What was read, and the number of rows of each file.

    Raises:
        NotTogetherError: they are not what they seemed, or one has a column of a name that is needed here.
        RejectedFileError: they have too many columns, or names that no column can have.
        duckdb.Error: one of them can't be read.
    """
    connection.execute("create temp table broken (_row bigint, length bigint, content varchar)")
    if files[0].format == "parquet":
        return _parquet(connection, source, files, alike, apart)
    header = [str(name) for name in alike[0].columns[2:]]
    names = column_names(header)
    if files[0].format == "csv":
        cells = ", ".join(f"c{index}" for index in range(len(names)))
        found = csv_cells(files, len(names), source.reader.delimiter)
        connection.execute(f"create temp table loaded as select file_index::bigint as _file, {cells} from {found}")
    else:
        _load_objects(connection, files, header)
    rows = [0] * len(files)
    first = [0] * len(files)
    for place, number, begin in connection.execute("select _file, count(*), min(rowid) from loaded group by all").fetchall():
        rows[place], first[place] = int(number), int(begin)
    keep = [name for name in names if name not in source.ignored]
    columns = "".join(f", c{names.index(name)} as {quoted(name)}" for name in keep)
    connection.execute(
        f"""create temp view raw as
        select _file * {apart} + _row - 1 as _n, _row{columns}
        from (select *, rowid - {first}[_file + 1] + 1 as _row from loaded)"""
    )
    return SourceTable(tuple(header), dict.fromkeys(keep, "VARCHAR"), sum(rows)), rows


def _load_objects(connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], keys: Sequence[str]) -> None:
    found = json_objects(files)
    connection.execute(f"create temp table objects as select file_index::bigint as _file, json as line from {found}")
    met = connection.execute("select distinct unnest(json_keys(line)) from objects").fetchall()
    if {str(key) for (key,) in met} != {*keys} or scalar(connection, f"select count(*) from objects where {DOUBTFUL}"):
        raise NotTogetherError
    wanted = {key: f"c{index}" for index, key in enumerate(keys)}
    connection.execute(f"create temp table loaded as {json_values('objects', '_file', keys, wanted)}")
    connection.execute("drop table objects")


def _parquet(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[SourceFile], alike: Sequence[FileShape], apart: int
) -> tuple[SourceTable, list[int]]:
    connection.execute(f"create temp view raw as {parquet_rows(files, apart)}")
    names = {name: kind for name, kind in described(connection, "raw").items() if name not in ("_n", "_row")}
    require_few([*names])
    if "file_index" in names:
        raise NotTogetherError
    kept = {name: kind for name, kind in names.items() if name not in source.ignored}
    rows = [shape.rows for shape in alike]
    return SourceTable(tuple(names), kept, sum(rows), lazy=True), rows


def parquet_rows(files: Sequence[SourceFile], apart: int, first: int = 0) -> str:
    """The query for the rows of Parquet files, with `_n`, `_row` and all columns; `first` is the place of the first of them."""
    paths = ", ".join(literal(str(file.here)) for file in files)
    return f"""select (file_index::bigint + {first}) * {apart} + file_row_number as _n, file_row_number + 1 as _row,
        * exclude (file_row_number) from read_parquet([{paths}], {AS_IT_IS})"""
