"""Cutting what a source gives into chunks, as it comes.

Here: where a chunk ends. Rows of one cursor value are never divided, because the next read begins after it. Not here: asking
(postgres.py, sql.py, http.py) or laying down (chunk_files.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from promisekept.sources.extract.cursors import CursorKind, CursorRange

MOST_BYTES = 64 * 2**20
"""A chunk ends with the next cursor value once it is that large, however few rows it has."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows in the order of their cursor, whose values are texts beside them; without cursor there are none."""

    rows: pa.RecordBatch
    cursor: list[str] | None = None
    kind: CursorKind | None = None


@dataclass(frozen=True, slots=True)
class ChunkPart:
    """Rows that belong to the chunk that is being made; with the last of them its range."""

    rows: pa.RecordBatch
    cursor_range: CursorRange | None = None


def cut(pieces: Iterator[Piece], cursor_range: CursorRange, chunk_rows: int | None) -> Iterator[ChunkPart]:
    """The same rows, with an end after each chunk.

    Args:
        pieces: in order.
        cursor_range: what was asked for; the ranges of the chunks fill it.
        chunk_rows: after so many rows a chunk ends with the next value of the cursor; never where null.
    """
    rows, size, last = 0, 0, None
    pending: ChunkPart | None = None
    for piece in pieces:
        begin, count = 0, piece.rows.num_rows
        if piece.kind is not None:
            cursor_range = replace(cursor_range, kind=piece.kind)
        while begin < count:
            wanted = count if chunk_rows is None else 0 if size >= MOST_BYTES else max(chunk_rows - rows, 0)
            end = _boundary(piece.cursor, begin, begin + wanted, last, count)
            if pending is not None:
                # Only now it shows whether the buffered rows end a chunk: the value after it is another.
                closed = end == begin
                yield replace(pending, cursor_range=replace(cursor_range, upto=last)) if closed else pending
                pending = None
                if closed:
                    cursor_range = replace(cursor_range, upto=last).following() if piece.cursor is not None else cursor_range
                    rows, size = 0, 0
                    continue
            part = piece.rows.slice(begin, end - begin)
            pending = ChunkPart(part)
            rows, size = rows + part.num_rows, size + part.nbytes
            last = piece.cursor[end - 1] if piece.cursor is not None else None
            begin = end
    if pending is not None:
        yield replace(pending, cursor_range=replace(cursor_range, upto=last))


def _boundary(cursor: list[str] | None, begin: int, wanted: int, last: str | None, count: int) -> int:
    """The first place from `wanted` on where one may cut: `begin` itself, where the rows before have another value."""
    if wanted >= count:
        return count
    if cursor is None:
        return wanted
    for place in range(wanted, count):
        before = cursor[place - 1] if place > begin else last
        if cursor[place] != before:
            return place
    return count
