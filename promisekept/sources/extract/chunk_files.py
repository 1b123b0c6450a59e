"""A chunk as a file: what a source gave, in an order of its own, so that the same rows are the same file.

Here: writing rows as they come, ordering them, the file that landing reads (Parquet, or JSON Lines where the source speaks
JSON), and a hash of the rows' content. The hash is taken over the rows as JSON, one per line, and not over Parquet's bytes:
those are others with each release of the library that writes them. Not here: where raw rows may lie (temporary_files.py),
landing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import duckdb
import pyarrow.parquet as pq

from promisekept.config.settings import Settings
from promisekept.sources.extract.chunks import ChunkPart
from promisekept.sources.extract.cursors import CursorRange
from promisekept.sources.extract.files import Fingerprint, SourceFile
from promisekept.sources.extract.temporary_files import FOLDER, TemporaryFile, new_temporary_file, unwritable
from promisekept.sources.sandbox import literal, sandbox_database

LINE = "line"
"""The one column of rows that are JSON already."""
Form = Literal["parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that land together: their file, what it is, and the range of which they are all the rows."""

    file: SourceFile
    found: Fingerprint
    cursor_range: CursorRange
    rows: int
    temporary: TemporaryFile

    def remove(self) -> None:
        """Its raw rows are no longer needed."""
        self.temporary.close()


@contextmanager
def write_chunks(settings: Settings, parts: Iterator[ChunkPart], form: Form) -> Iterator[Iterator[Chunk]]:
    """The chunks of a read, each laid down when it is asked for and removed when the next one is.

    Raises:
        LandingError: the disk is full or can't be written.
    """
    with sandbox_database(settings) as connection:
        yield _chunks(settings, connection, parts, form)


def _chunks(settings: Settings, connection: duckdb.DuckDBPyConnection, parts: Iterator[ChunkPart], form: Form) -> Iterator[Chunk]:
    place = settings.home / "landing" / FOLDER
    while (part_file := _lay_down(place, parts)) is not None:
        raw, cursor_range, rows = part_file
        try:
            chunk = _settle(place, connection, raw, cursor_range, rows=rows, form=form)
        finally:
            raw.close()
        yield chunk


def _lay_down(place: Path, parts: Iterator[ChunkPart]) -> tuple[TemporaryFile, CursorRange, int] | None:
    """Write rows up to the end of a chunk, as they come; null where there are no more."""
    writer, raw, rows = None, new_temporary_file(place), 0
    try:
        for part in parts:
            if writer is None:
                writer = pq.ParquetWriter(raw.path, part.rows.schema, compression="none")
            writer.write_batch(part.rows)
            rows += part.rows.num_rows
            if part.cursor_range is not None:
                writer.close()
                return raw, part.cursor_range, rows
    except BaseException as error:
        with suppress(OSError):
            if writer is not None:
                writer.close()
        raw.close()
        if isinstance(error, OSError) and error.errno is not None:
            raise unwritable(place, error.strerror) from error
        raise
    raw.close()
    return None


def _settle(
    place: Path, connection: duckdb.DuckDBPyConnection, raw: TemporaryFile, cursor_range: CursorRange, *, rows: int, form: Form
) -> Chunk:
    """Order the rows and take their hash."""
    final = new_temporary_file(place)
    path, scan = literal(str(final.path)), f"read_parquet({literal(str(raw.path))}, binary_as_string = true)"
    try:
        if form == "parquet":
            # Into the file as it is: another one, renamed, would be readable by all.
            options = "format parquet, compression zstd, use_tmp_file false"
            connection.execute(f"copy (select * from {scan} order by all) to {path} ({options})")
            sha256 = _hash(connection, f"select to_json(chunk)::varchar from read_parquet({path}) as chunk")
        else:
            with final.path.open("wb") as out:
                sha256 = _hash(connection, f"select {LINE} from {scan} order by all", out)
        size = final.path.stat().st_size
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        final.close()
        raise unwritable(place, getattr(error, "strerror", None) or type(error).__name__) from None
    except BaseException:
        final.close()
        raise
    file = SourceFile(str(final.path), size, 0.0, form, gzipped=False)
    return Chunk(file, Fingerprint(sha256, size, plain_size=size), cursor_range, rows, final)


def _hash(connection: duckdb.DuckDBPyConnection, lines: str, out: IO[bytes] | None = None) -> str:
    """The SHA-256 of the lines that a query yields, each with its line feed; they are written where somebody wants them."""
    digest = hashlib.sha256()
    for batch in connection.sql(lines).to_arrow_reader():
        text = ("\n".join(batch.column(0).to_pylist()) + "\n").encode()
        digest.update(text)
        if out is not None:
            out.write(text)
    return digest.hexdigest()
