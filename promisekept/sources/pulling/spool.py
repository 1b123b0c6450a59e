"""A chunk as a file: what a source gave, in an order of its own, so that the same rows are the same file.

Here: writing rows as they come, ordering them, the file that landing reads (Parquet, or JSON Lines where the source speaks
JSON), and a hash of what the rows say. The hash is taken over the rows as JSON, one per line, and not over Parquet's bytes:
those are others with each release of the library that writes them. Raw identifiers lie in these files, so they are readable
by their owner alone, below `home`, and are gone as soon as the chunk has landed, or when the next run begins. Not here: landing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import duckdb
import pyarrow.parquet as pq

from promisekept.errors import LandingError
from promisekept.settings import Settings
from promisekept.sources.files import Fingerprint, SourceFile
from promisekept.sources.pulling.chunks import Part
from promisekept.sources.pulling.spans import Span
from promisekept.sources.workbench import literal, workbench

FOLDER = ".incoming"
LINE = "line"
"""The one column of rows that are JSON already."""
Form = Literal["parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that land together: their file, what it is, and the range of which they are all the rows."""

    file: SourceFile
    found: Fingerprint
    span: Span
    rows: int

    def remove(self) -> None:
        """Its raw rows are no longer needed."""
        Path(self.file.path).unlink(missing_ok=True)


def clear_spool(home: Path) -> None:
    """Remove what a killed run left; the writer lock says that nobody needs it."""
    shutil.rmtree(home / "landing" / FOLDER, ignore_errors=True)


@contextmanager
def spooling(settings: Settings, parts: Iterator[Part], form: Form) -> Iterator[Iterator[Chunk]]:
    """The chunks of a read, each laid down when it is asked for and removed when the next one is.

    Raises:
        LandingError: the disk is full or can't be written.
    """
    with workbench(settings) as connection:
        yield _chunks(settings, connection, parts, form)


def _chunks(settings: Settings, connection: duckdb.DuckDBPyConnection, parts: Iterator[Part], form: Form) -> Iterator[Chunk]:
    place = settings.home / "landing" / FOLDER
    while (laid := _lay_down(place, parts)) is not None:
        raw, span, rows = laid
        try:
            chunk = _settle(connection, raw, span, rows, form)
        finally:
            raw.unlink(missing_ok=True)
        yield chunk


def _lay_down(place: Path, parts: Iterator[Part]) -> tuple[Path, Span, int] | None:
    """Write rows up to the end of a chunk, as they come; null where there are no more."""
    writer, raw, rows = None, _new(place), 0
    try:
        for part in parts:
            if writer is None:
                writer = pq.ParquetWriter(raw, part.rows.schema, compression="none")
            writer.write_batch(part.rows)
            rows += part.rows.num_rows
            if part.span is not None:
                writer.close()
                return raw, part.span, rows
    except BaseException as error:
        with suppress(OSError):
            if writer is not None:
                writer.close()
        raw.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise _unwritable(place, error.strerror) from error
        raise
    raw.unlink(missing_ok=True)
    return None


def _new(place: Path) -> Path:
    """An empty file that its owner alone can read, in a folder that nobody else can enter."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{os.getpid()}-{os.urandom(8).hex()}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _unwritable(place, error.strerror) from error
    return path


def _unwritable(place: Path, why: str | None) -> LandingError:
    return LandingError(
        f"{place}: rows could not be laid down ({why}).\n"
        "  Free space or mend the permissions and run again; nothing of these rows was taken."
    )


def _settle(connection: duckdb.DuckDBPyConnection, raw: Path, span: Span, rows: int, form: Form) -> Chunk:
    """Order the rows and take their hash."""
    final = _new(raw.parent)
    scan = f"read_parquet({literal(str(raw))}, binary_as_string = true)"
    try:
        if form == "parquet":
            path = literal(str(final))
            # Into the file as it is: another one, renamed, would be readable by all.
            options = "format parquet, compression zstd, use_tmp_file false"
            connection.execute(f"copy (select * from {scan} order by all) to {path} ({options})")
            sha256 = _hash(connection, f"select to_json(chunk)::varchar from read_parquet({path}) as chunk")
        else:
            with final.open("wb") as out:
                sha256 = _hash(connection, f"select {LINE} from {scan} order by all", out)
        size = final.stat().st_size
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        final.unlink(missing_ok=True)
        raise _unwritable(raw.parent, getattr(error, "strerror", None) or type(error).__name__) from None
    except BaseException:
        final.unlink(missing_ok=True)
        raise
    file = SourceFile(str(final), size, 0.0, form, gzipped=False)
    return Chunk(file, Fingerprint(sha256, size, plain_size=size), span, rows)


def _hash(connection: duckdb.DuckDBPyConnection, lines: str, out: IO[bytes] | None = None) -> str:
    """The SHA-256 of the lines that a query yields, each with its line feed; they are written where somebody wants them."""
    digest = hashlib.sha256()
    for batch in connection.sql(lines).to_arrow_reader():
        text = ("\n".join(batch.column(0).to_pylist()) + "\n").encode()
        digest.update(text)
        if out is not None:
            out.write(text)
    return digest.hexdigest()
