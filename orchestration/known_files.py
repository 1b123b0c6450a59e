"""The files that a publication rests on, as the file system stated them when their bytes were found to be the recorded ones.

Here: number, size and times of the files of landed rows, of the history and of the snapshot, remembered in the build database,
so that a run with nothing new need not read gigabytes. Not here: hashing them (unchanged.py); a run that builds hashes landed
rows as well. What a disk changes by itself is found by the next run that builds, the first one of a month, and `fsck`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from promisekept.durable import file_stat
from promisekept.publishing.history import history_files
from promisekept.publishing.reader import read_current
from promisekept.sources.landing.relations import recorded_files
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger

_TABLE = "run.known_files"
_COLUMNS = pa.schema(
    [("path", pa.string()), ("inode", pa.uint64()), ("size", pa.uint64()), ("modified_ns", pa.int64()),
     ("changed_ns", pa.int64()), ("looked_in", pa.string())]
)  # fmt: skip
_Stats = set[tuple[str, int, int, int, int]]


def begin(connection: duckdb.DuckDBPyConnection, zone: Zone) -> None:
    """Note the files of landed rows before a build hashes them; `connection` is to the warehouse."""
    _store(connection, _stats(recorded_files(zone)), "")


def remember(connection: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger, now: datetime) -> None:
    """Note all files that the current snapshot rests on, unless landed rows were written to while it was built.

    Args:
        connection: to the warehouse from which it was published.
        home: of the organisation.
        ledger: of that home.
        now: the clock of the run.
    """
    begun, _ = _known(connection)
    if begun == _stats(recorded_files(Zone(home, ledger))):
        note(connection, home, ledger, now)


def note(connection: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger, now: datetime) -> None:
    """Note all files that the current snapshot rests on, each of which was found to be the recorded one."""
    _store(connection, _all(home, ledger), _month(now))


def are_known(connection: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger, now: datetime) -> bool:
    """Whether nobody wrote to a file that the current snapshot rests on since its bytes were read, in the month of `now`."""
    return _known(connection) == (_all(home, ledger), _month(now))


def _all(home: Path, ledger: Ledger) -> _Stats:
    history = (home / file.file for file in history_files(ledger))
    snapshot = (home / "snapshots" / str((read_current(home) or {}).get("snapshot"))).rglob("*")
    return _stats([*recorded_files(Zone(home, ledger)), *history, *snapshot])


def _stats(files: Iterable[Path]) -> _Stats:
    """What the file system states of files; one that is not there has no row."""
    return {(str(file), *file_stat(file)) for file in files if file.is_file()}


def _known(connection: duckdb.DuckDBPyConnection) -> tuple[_Stats, str]:
    rows = connection.execute(f"from {_TABLE}").fetchall()
    return {row[:-1] for row in rows}, rows[0][-1] if rows else ""


def _store(connection: duckdb.DuckDBPyConnection, stats: _Stats, month: str) -> None:
    rows = [dict(zip(_COLUMNS.names, (*stat, month), strict=True)) for stat in stats]
    connection.execute(f"create schema if not exists run; drop table if exists {_TABLE}")
    connection.from_arrow(pa.Table.from_pylist(rows, schema=_COLUMNS)).create(_TABLE)


def _month(now: datetime) -> str:
    return now.strftime("%Y-%m")
