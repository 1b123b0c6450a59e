"""Text files row by row, where DuckDB's own reader gave up or can't follow: broken rows, other encodings.

Here: which part of a CSV or JSON Lines file is a whole row and which is a broken one. A row of another number of columns
than the header, an open quote, an unfinished object: broken, quarantined by the caller; all others are kept. What is held in
memory at once is bounded by characters, not by rows. Not here: what a column means.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import duckdb
import pyarrow as pa

from promisekept.sources.extract.files import RejectedFileError, SourceFile, line_too_long
from promisekept.sources.sandbox import literal, quoted, scalar

_BATCH = 50_000
_BATCH_CHARACTERS = 1 << 24
_ANY_FIELD = 2**31 - 1
"""The limit of the csv module is one for all threads, so ours is kept by `_lines`."""
# A line that is no object, or that may hold half of a character, which DuckDB takes for JSON and then can't read.
DOUBTFUL = r"json_type(line) is distinct from 'OBJECT' or regexp_matches(line::varchar, '\\u[dD][89a-fA-F]')"
Broken = tuple[int, int, str]
TextRow = tuple[int, list[str]]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """The names of the columns of a CSV file; `is_first`: no line stands above them, not even a blank one."""

    names: list[str]
    is_first: bool


def csv_header(file: SourceFile, encoding: str, delimiter: str, longest: int, *, above: int = 0) -> CsvHeader:
    """The names in a CSV file's first row below the lines `above` it.

    Raises:
        RejectedFileError: that row is no header, or is longer than `longest` characters.
    """
    csv.field_size_limit(_ANY_FIELD)
    with file.open_text(encoding) as stream:
        _skip(stream, above, longest)
        seen: list[str] = []
        is_first = not above
        try:
            for names in csv.reader(_lines(stream, seen, longest), delimiter=delimiter, strict=True):
                if names:
                    return CsvHeader(names, is_first)
                is_first = False
                seen.clear()
        except csv.Error:
            pass
    raise RejectedFileError("unreadable_header", "Its first row can't be split into column names.")


def csv_rows(
    file: SourceFile, encoding: str, delimiter: str, width: int, longest: int, *, above: int = 0
) -> Iterator[TextRow | Broken]:
    """Every row after the header: (row number, values), or (row number, length, text) of a broken one.

    Raises:
        RejectedFileError: a row is longer than `longest` characters.
    """
    with file.open_text(encoding) as stream:
        _skip(stream, above, longest)
        seen: list[str] = []
        reader = csv.reader(_lines(stream, seen, longest), delimiter=delimiter, strict=True)
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


def _skip(stream: Iterable[str], above: int, longest: int) -> None:
    """Pass over the lines above the header: titles are no rows, whatever they hold."""
    for _ in islice(_lines(stream, [], longest), above):
        pass


def _lines(stream: Iterable[str], seen: list[str], longest: int) -> Iterator[str]:
    """The lines, each put into `seen`, which the caller clears with every row."""
    size = 0
    for line in stream:
        size = size + len(line) if seen else len(line)
        if size > longest + 2:  # what ends the line is no part of it
            raise line_too_long(longest)
        seen.append(line)
        yield line


def load_rows(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[TextRow | Broken], names: Sequence[str], keep: Sequence[str]
) -> tuple[int, int]:
    """Fill `raw` and `broken`; returns how many rows of each."""
    columns = "".join(f", {quoted(name)} varchar" for name in keep)
    connection.execute(f"create temp table loaded (_row bigint{columns})")
    positions = [names.index(name) for name in keep]
    for whole, broken in _batches(rows, lambda values: sum(map(len, values))):
        arrays = [pa.array([number for number, _ in whole], pa.int64())]
        arrays += [pa.array([values[position] or None for _, values in whole], pa.string()) for position in positions]
        _insert(connection, "loaded", pa.table(arrays, names=["_row", *keep]))
        _insert_broken(connection, broken)
    connection.execute("create temp view raw as select rowid as _n, * from loaded")
    return scalar(connection, "select count(*) from loaded"), scalar(connection, "select count(*) from broken")


def _batches(
    rows: Iterable[tuple[int, Value] | Broken], size: Callable[[Value], int]
) -> Iterator[tuple[list[tuple[int, Value]], list[Broken]]]:
    """Whole and broken rows, as many at once as `_BATCH` and `_BATCH_CHARACTERS` allow."""
    whole: list[tuple[int, Value]] = []
    broken: list[Broken] = []
    characters = 0
    for row in rows:
        if len(row) == 2:
            whole.append(row)
            characters += size(row[1])
        else:
            broken.append(row)
            characters += row[1]
        if len(whole) + len(broken) == _BATCH or characters > _BATCH_CHARACTERS:
            yield whole, broken
            whole, broken, characters = [], [], 0
    yield whole, broken


def load_json_lines(connection: duckdb.DuckDBPyConnection, file: SourceFile, encoding: str, *, fast: bool) -> None:
    """Fill `lines(_row, line JSON)` with the whole objects of a JSON Lines file, and `broken` with the other lines."""
    if fast and is_utf8(encoding):
        try:
            connection.execute(f"create temp table objects as select json as line from {json_objects([file])}")
            if scalar(connection, f"select count(*) from objects where {DOUBTFUL}") == 0:
                connection.execute("create temp table lines as select rowid + 1 as _row, line from objects")
                connection.execute("drop table objects")
                return
        except duckdb.Error:
            pass
        connection.execute("drop table if exists objects")
    connection.execute("create temp table lines (_row bigint, line json)")
    with file.open_text(encoding) as stream:
        texts = enumerate((text for line in stream if (text := line.strip())), start=1)
        rows = ((number, text) if _is_object(text) else (number, len(text), text) for number, text in texts)
        for whole, broken in _batches(rows, len):
            _insert(connection, "lines", pa.table({"_row": [n for n, _ in whole], "line": [text for _, text in whole]}))
            _insert_broken(connection, broken)


def json_objects(files: Sequence[SourceFile]) -> str:
    """The relation of the objects of JSON Lines files in UTF-8, all gzipped or none: `json`."""
    paths = ", ".join(literal(str(file.here)) for file in files)
    compression = "gzip" if files[0].gzipped else "none"
    return f"read_json_objects([{paths}], format = 'newline_delimited', compression = '{compression}')"


def is_utf8(encoding: str) -> bool:
    """Whether DuckDB reads text of a declared encoding."""
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8")


def _is_object(text: str) -> bool:
    """Whether a line is a JSON object that has a text: half of a character may be escaped in JSON and is none."""
    try:
        read = json.loads(text)
        json.dumps(read, ensure_ascii=False).encode()
        return isinstance(read, dict)
    except (ValueError, RecursionError):
        return False


def _insert_broken(connection: duckdb.DuckDBPyConnection, broken: Sequence[Broken]) -> None:
    if broken:
        numbers, lengths, texts = (list(column) for column in zip(*broken, strict=True))
        _insert(connection, "broken", pa.table({"_row": numbers, "length": lengths, "content": texts}))


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    if rows.num_rows == 0:  # a column without a value has no type
        return
    connection.register("arriving", rows)
    connection.execute(f"insert into {table} select * from arriving")
    connection.unregister("arriving")
