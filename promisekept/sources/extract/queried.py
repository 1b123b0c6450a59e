"""The rows of a queried source (a database or an API) as chunks.

Here: choosing the reader, its timeout, and cutting a range of rows into chunks. Not here: how a reader asks (postgres.py, sql.py,
http.py), which range is new (cursors.py), or landing the chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module

from promisekept.config.readers import Http
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.sources.extract.chunk_files import Chunk, write_chunks
from promisekept.sources.extract.chunks import Piece, cut
from promisekept.sources.extract.cursors import CursorRange, queried_reader
from promisekept.sources.extract.retry import Timed


@contextmanager
def extract_chunks(
    settings: Settings, source: Source, cursor_range: CursorRange, chunk_rows: int | None, most: int | None = None
) -> Iterator[Iterator[Chunk]]:
    """The rows of a range as chunks, each laid down when it is asked for.

    Args:
        settings: whose home holds the temporary files.
        source: one with a queried reader.
        cursor_range: which rows.
        chunk_rows: after so many rows a chunk ends; never where null.
        most: no more than about so many rows, for a trial.

    Raises:
        ConfigError: a credential can't be had.
        CutOffError: the connection broke; the same range may be read again.
        LandingError: the source can't be read.
    """
    reader = queried_reader(source)
    rows = import_module(f"promisekept.sources.extract.{reader.kind}").rows  # a driver takes its time to load
    make: Callable[[], Generator[Piece]] = partial(rows, source, reader, cursor_range, most)
    by_page = isinstance(reader, Http)
    pieces = make() if by_page else iter(Timed(make, reader.timeouts, f"sources.{source.name}.reader"))
    with (
        closing(pieces),
        write_chunks(settings, cut(pieces, cursor_range, chunk_rows), "jsonl" if by_page else "parquet") as chunks,
    ):
        yield chunks
