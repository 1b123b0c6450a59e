"""One file -> a DuckDB relation `raw` with `_n` (order from 0), `_row` (row in its file from 1) and its columns.

Here: Parquet as it is, CSV, JSON Lines and workbooks as text. DuckDB reads what is well-formed; whatever it rejects is read again
row by row (text_rows.py), so that whole rows are kept and broken ones stand alone in `broken`. Not here: the meaning
of a column (landing/validation.py) or the mapping.

An error message of DuckDB may quote a row, so none is passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from promisekept.config.readers import Files
from promisekept.config.source import Source
from promisekept.sources.extract.files import WORKBOOKS, Fingerprint, RejectedFileError, SourceFile
from promisekept.sources.extract.headers import MOST_COLUMNS, column_names, require_few
from promisekept.sources.extract.text_rows import csv_header, csv_rows, is_utf8, load_json_lines, load_rows
from promisekept.sources.extract.workbooks import open_sheet
from promisekept.sources.sandbox import described, literal, quoted, scalar
from promisekept.system_errors import raise_if_refused

AS_IT_IS = "file_row_number = true, binary_as_string = true, hive_partitioning = false"


@dataclass(frozen=True, slots=True)
class SourceTable:
    """What was read: the header as it stands in the file, and the columns of `raw` with their types.

    `rows` counts the rows of the file including the `broken` ones; `lazy`: `raw` is a view that reads the file again;
    `sequence`: what landing/sequences.py found of the source's numbers.
    """

    header: tuple[str, ...]
    columns: Mapping[str, str]
    rows: int
    broken: int = 0
    lazy: bool = False
    sequence: Mapping[str, Any] | None = None


def read(connection: duckdb.DuckDBPyConnection, source: Source, file: SourceFile, found: Fingerprint) -> SourceTable:
    """Create `raw` and `broken(_row, length, content)` in the sandbox database.

    Raises:
        RejectedFileError: the file can't be read as what it claims to be.
    """
    connection.execute("create temp table broken (_row bigint, length bigint, content varchar)")
    if file.format == "parquet":
        table = _parquet(connection, file)
    elif file.format in WORKBOOKS and isinstance(source.reader, Files):
        table = _workbook(connection, source, source.reader, file)
    elif found.plain_size == 0:
        table = _nothing(connection)
    elif file.format == "csv":
        table = _csv(connection, source, file, found)
    else:
        table = _jsonl(connection, source, file, found)
    ignored = set(source.ignored)
    return replace(table, columns={name: kind for name, kind in table.columns.items() if name not in ignored})


def pick(connection: duckdb.DuckDBPyConnection, table: SourceTable, rows: Collection[int] | None) -> SourceTable:
    """Leave only the given rows of the file in `raw` and `broken`; all of them where null."""
    if rows is None:
        return table
    listed = ", ".join(map(str, rows)) or "null"
    connection.execute("alter view raw rename to whole")
    connection.execute(f"create temp view raw as select * from whole where _row in ({listed})")
    connection.execute(f"delete from broken where _row not in ({listed})")
    broken = scalar(connection, "select count(*) from broken")
    return replace(table, rows=scalar(connection, "select count(*) from raw") + broken, broken=broken)


def _nothing(connection: duckdb.DuckDBPyConnection) -> SourceTable:
    connection.execute("create temp table raw (_n bigint, _row bigint)")
    return SourceTable((), {}, 0)


def _parquet(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> SourceTable:
    if file.size == 0:
        return _nothing(connection)
    scan = f"read_parquet({literal(str(file.here))}, {AS_IT_IS})"
    try:
        connection.execute(
            f"""create temp view raw as
            select file_row_number as _n, file_row_number + 1 as _row, * exclude (file_row_number) from {scan}"""
        )
        columns = described(connection, "raw")
        rows = scalar(connection, "select count(*) from raw")
    except duckdb.Error as error:
        raise_if_refused(error)
        raise RejectedFileError(
            "unreadable_parquet", "It has no readable Parquet footer: the file is cut or is no Parquet. Deliver it again."
        ) from None
    names = {name: kind for name, kind in columns.items() if name not in ("_n", "_row")}
    require_few([*names])
    return SourceTable(tuple(names), names, rows, lazy=True)


def _csv(connection: duckdb.DuckDBPyConnection, source: Source, file: SourceFile, found: Fingerprint) -> SourceTable:
    encoding, delimiter = source.reader.encoding, source.reader.delimiter
    longest = source.reader.longest_line
    above = (source.reader.header_row or 1) - 1 if isinstance(source.reader, Files) else 0
    header = csv_header(file, encoding, delimiter, longest, above=above)
    names = column_names(header.names)
    keep = [name for name in names if name not in source.ignored]
    if header.is_first and is_utf8(encoding) and len(names) > 1 and not found.nul:
        wanted = ", ".join(f"c{names.index(name)} as {quoted(name)}" for name in keep)
        try:
            connection.execute(f"create temp table loaded as select {wanted} from {csv_cells([file], len(names), delimiter)}")
        except duckdb.Error:
            connection.execute("drop table if exists loaded")
        else:
            connection.execute("create temp view raw as select rowid as _n, rowid + 1 as _row, * from loaded")
            rows = scalar(connection, "select count(*) from loaded")
            return SourceTable(tuple(header.names), dict.fromkeys(keep, "VARCHAR"), rows)
    rows, broken = load_rows(connection, csv_rows(file, encoding, delimiter, len(names), longest, above=above), names, keep)
    return SourceTable(tuple(header.names), dict.fromkeys(keep, "VARCHAR"), rows + broken, broken)


def csv_cells(files: Sequence[SourceFile], width: int, delimiter: str) -> str:
    """The relation of the cells of well-formed CSV files in UTF-8, whose first row is the header: `c0`, `c1`, ... as text.

    Args:
        files: all gzipped or none.
        width: how many columns each has; more than one, because a blank line is a row of one.
        delimiter: what stands between two cells.
    """
    paths = ", ".join(literal(str(file.here)) for file in files)
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    return f"""read_csv([{paths}], columns = {{{columns}}}, header = true, auto_detect = false, null_padding = false,
        strict_mode = true, delim = {literal(delimiter)}, quote = '"', escape = '"', comment = '',
        compression = '{"gzip" if files[0].gzipped else "none"}')"""


def _workbook(connection: duckdb.DuckDBPyConnection, source: Source, reader: Files, file: SourceFile) -> SourceTable:
    if file.size == 0:
        return _nothing(connection)
    with open_sheet(file, reader) as sheet:
        if sheet.name is None:
            return _nothing(connection)
        names = column_names(sheet.header)
        keep = [name for name in names if name not in source.ignored]
        numbered = ((number, row) for number, (_, row) in enumerate(sheet.rows, start=1))
        rows, broken = load_rows(connection, numbered, names, keep)
    return SourceTable(tuple(sheet.header), dict.fromkeys(keep, "VARCHAR"), rows + broken, broken)


def _jsonl(connection: duckdb.DuckDBPyConnection, source: Source, file: SourceFile, found: Fingerprint) -> SourceTable:
    load_json_lines(connection, file, source.reader.encoding, fast=not found.nul)
    keys = [
        str(row[0])
        for row in connection.execute(
            f"select distinct unnest(json_keys(line)) as key from lines order by key limit {MOST_COLUMNS + 1}"
        ).fetchall()
    ]
    names = column_names(keys)
    keep = [name for name in names if name not in source.ignored]
    wanted = {key: name for key, name in zip(keys, names, strict=True) if name in keep}
    connection.execute(f"create temp table loaded as {json_values('lines', '_row', keys, wanted)}")
    connection.execute("drop table lines")
    connection.execute("create temp view raw as select rowid as _n, * from loaded")
    rows, broken = (scalar(connection, f"select count(*) from {name}") for name in ("loaded", "broken"))
    return SourceTable(tuple(keys), dict.fromkeys(keep, "VARCHAR"), rows + broken, broken)


def json_values(relation: str, place: str, keys: Sequence[str], wanted: Mapping[str, str]) -> str:
    """The query for the values of JSON objects as text.

    Args:
        relation: the objects as `line`, and where each stands.
        place: the column of that; it is kept.
        keys: all that occur.
        wanted: those whose values are asked for, with the names of their columns.
    """
    if not keys:
        return f"select {place} from {relation}"
    shape = ", ".join(f'{quoted(key)}:"VARCHAR"' for key in keys)
    values = "".join(f", parsed.{quoted(key)} as {quoted(name)}" for key, name in wanted.items())
    parsed = f"select {place}, from_json(line, {literal('{' + shape + '}')}) as parsed from {relation}"
    return f"select {place}{values} from ({parsed})"
