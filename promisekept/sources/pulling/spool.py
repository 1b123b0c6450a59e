"""A chunk as a file: what a source gave, in an order of its own, so that the same rows are the same file.

Here: writing rows as they come, ordering them, the file that landing reads (Parquet, or JSON Lines where the source speaks
JSON), and a hash of what the rows say. The hash is taken over the rows as JSON, one per line, and not over Parquet's bytes:
those are others with each release of the library that writes them. Raw identifiers lie in these files, so they lie below
`home`, are readable by their owner alone and have no name, where the system allows it: a killed process leaves none behind.
Elsewhere the next run removes them. Not here: landing.
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
_OPEN_FILES = Path("/proc/self/fd")
"""Where Linux names the files that a process has open, also those that have no name any more."""
LINE = "line"
"""The one column of rows that are JSON already."""
Form = Literal["parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file without a name: it is gone when it is closed, and when the process is killed."""

    path: Path
    descriptor: int | None

    def close(self) -> None:
        """Nobody needs it any more."""
        if self.descriptor is not None:
            os.close(self.descriptor)
        else:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that land together: their file, what it is, and the range of which they are all the rows."""

    file: SourceFile
    found: Fingerprint
    span: Span
    rows: int
    sheet: Sheet

    def remove(self) -> None:
        """Its raw rows are no longer needed."""
        self.sheet.close()


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
            chunk = _settle(place, connection, raw, span, rows=rows, form=form)
        finally:
            raw.close()
        yield chunk


def _lay_down(place: Path, parts: Iterator[Part]) -> tuple[Sheet, Span, int] | None:
    """Write rows up to the end of a chunk, as they come; null where there are no more."""
    writer, raw, rows = None, _new(place), 0
    try:
        for part in parts:
            if writer is None:
                writer = pq.ParquetWriter(raw.path, part.rows.schema, compression="none")
            writer.write_batch(part.rows)
            rows += part.rows.num_rows
            if part.span is not None:
                writer.close()
                return raw, part.span, rows
    except BaseException as error:
        with suppress(OSError):
            if writer is not None:
                writer.close()
        raw.close()
        if isinstance(error, OSError) and error.errno is not None:
            raise _unwritable(place, error.strerror) from error
        raise
    raw.close()
    return None


def _new(place: Path) -> Sheet:
    """An empty file that its owner alone can read, in a folder that nobody else can enter."""
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / f"{os.getpid()}-{os.urandom(8).hex()}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unwritable(place, error.strerror) from error
    if _OPEN_FILES.is_dir():
        path.unlink()
        return Sheet(_OPEN_FILES / str(descriptor), descriptor)
    os.close(descriptor)
    return Sheet(path, None)


def _unwritable(place: Path, why: str | None) -> LandingError:
    return LandingError(
        f"{place}: rows could not be laid down ({why}).\n"
        "  Free space or mend the permissions and run again; nothing of these rows was taken."
    )


def _settle(place: Path, connection: duckdb.DuckDBPyConnection, raw: Sheet, span: Span, *, rows: int, form: Form) -> Chunk:
    """Order the rows and take their hash."""
    final = _new(place)
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
        raise _unwritable(place, getattr(error, "strerror", None) or type(error).__name__) from None
    except BaseException:
        final.close()
        raise
    file = SourceFile(str(final.path), size, 0.0, form, gzipped=False)
    return Chunk(file, Fingerprint(sha256, size, plain_size=size), span, rows, final)


def _hash(connection: duckdb.DuckDBPyConnection, lines: str, out: IO[bytes] | None = None) -> str:
    """The SHA-256 of the lines that a query yields, each with its line feed; they are written where somebody wants them."""
    digest = hashlib.sha256()
    for batch in connection.sql(lines).to_arrow_reader():
        text = ("\n".join(batch.column(0).to_pylist()) + "\n").encode()
        digest.update(text)
        if out is not None:
            out.write(text)
    return digest.hexdigest()
