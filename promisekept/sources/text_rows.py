"""Text files row by row, where DuckDB's own reader gave up or can't follow: broken rows, other encodings.

Here: which part of a CSV or JSON Lines file is a whole row and which is a broken one. A row of another number of columns
than the header, an open quote, an unfinished object: broken, quarantined by the caller; all others are kept. Not here:
what a column means.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence

import duckdb
import pyarrow as pa

from promisekept.sources.files import HeldBack, SourceFile
from promisekept.sources.workbench import literal, quoted, scalar

_BATCH = 50_000
_FIELD_LIMIT = 1 << 27
# A line that is no object, or that may hold half of a character, which DuckDB takes for JSON and then can't read.
_DOUBTFUL = r"json_type(line) is distinct from 'OBJECT' or regexp_matches(line::varchar, '\\u[dD][89a-fA-F]')"
Broken = tuple[int, int, str]
Row = tuple[int, list[str]]


def csv_header(file: SourceFile, encoding: str, delimiter: str) -> list[str]:
    """The names in a CSV file's first row.

    Raises:
        HeldBack: the first row is no header.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    with file.open_text(encoding) as stream:
        try:
            for names in csv.reader(stream, delimiter=delimiter, strict=True):
                if names:
                    return names
        except csv.Error:
            pass
    raise HeldBack("unreadable_header", "Its first row can't be told apart into column names.")


def csv_rows(file: SourceFile, encoding: str, delimiter: str, width: int) -> Iterator[Row | Broken]:
    """Every row after the header: (row number, values), or (row number, length, text) of a broken one."""
    with file.open_text(encoding) as stream:
        seen: list[str] = []

        def lines() -> Iterator[str]:
            for line in stream:
                seen.append(line)
                yield line

        reader = csv.reader(lines(), delimiter=delimiter, strict=True)
        number = -1
        while True:
            seen.clear()
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error:
                values = None
            if values == []:
                continue
            number += 1
            if number == 0:
                continue
            if values is None or len(values) != width:
                text = "".join(seen)
                yield number, len(text), text
            else:
                yield number, values


def load_rows(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[Row | Broken], names: Sequence[str], keep: Sequence[str]
) -> tuple[int, int]:
    """Fill `raw` and `broken`; returns how many rows of each."""
    columns = "".join(f", {quoted(name)} varchar" for name in keep)
    connection.execute(f"create temp table loaded (_row bigint{columns})")
    positions = [names.index(name) for name in keep]
    broken: list[Broken] = []

    def whole() -> Iterator[Row]:
        for row in rows:
            if len(row) == 2:
                yield row
            else:
                broken.append(row)

    source = whole()
    while batch := list(itertools.islice(source, _BATCH)):
        arrays = [pa.array([number for number, _ in batch], pa.int64())]
        arrays += [pa.array([values[position] or None for _, values in batch], pa.string()) for position in positions]
        _insert(connection, "loaded", pa.table(arrays, names=["_row", *keep]))
    load_broken(connection, broken)
    connection.execute("create temp view raw as select rowid as _n, * from loaded")
    return scalar(connection, "select count(*) from loaded"), len(broken)


def load_broken(connection: duckdb.DuckDBPyConnection, broken: Sequence[Broken]) -> None:
    """Put broken rows into `broken`."""
    if broken:
        numbers, lengths, texts = (list(column) for column in zip(*broken, strict=True))
        _insert(connection, "broken", pa.table({"_row": numbers, "length": lengths, "content": texts}))


def json_lines(connection: duckdb.DuckDBPyConnection, file: SourceFile, encoding: str, *, fast: bool) -> list[Broken]:
    """Fill `lines(_row, line JSON)` with the whole objects of a JSON Lines file; returns the broken rows."""
    if fast and encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        try:
            connection.execute(
                f"""create temp table objects as select json as line from read_json_objects({literal(str(file.here))},
                format = 'newline_delimited', compression = '{"gzip" if file.gzipped else "none"}')"""
            )
            if scalar(connection, f"select count(*) from objects where {_DOUBTFUL}") == 0:
                connection.execute("create temp table lines as select rowid + 1 as _row, line from objects")
                connection.execute("drop table objects")
                return []
        except duckdb.Error:
            pass
        connection.execute("drop table if exists objects")
    connection.execute("create temp table lines (_row bigint, line json)")
    broken: list[Broken] = []
    whole: list[tuple[int, str]] = []
    with file.open_text(encoding) as stream:
        texts = (text for line in stream if (text := line.strip()))
        for number, text in enumerate(texts, start=1):
            if _is_object(text):
                whole.append((number, text))
            else:
                broken.append((number, len(text), text))
            if len(whole) == _BATCH:
                _insert_lines(connection, whole)
                whole = []
    _insert_lines(connection, whole)
    return broken


def _is_object(text: str) -> bool:
    """Whether a line is a JSON object that has a text: half of a character may be escaped in JSON and is none."""
    try:
        read = json.loads(text)
        json.dumps(read, ensure_ascii=False).encode()
        return isinstance(read, dict)
    except (ValueError, RecursionError):
        return False


def _insert_lines(connection: duckdb.DuckDBPyConnection, whole: list[tuple[int, str]]) -> None:
    if whole:
        _insert(connection, "lines", pa.table({"_row": [n for n, _ in whole], "line": [text for _, text in whole]}))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("arriving", rows)
    connection.execute(f"insert into {table} select * from arriving")
    connection.unregister("arriving")
