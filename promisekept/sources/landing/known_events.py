"""What has landed, as hashes: whether a row came before is known without reading the rows of all files again.

Here: for each landed file a small one below `home/known_events/` with two hashes per row, of its event id and of all its content.
It holds nothing that can't be computed again: one that is missing or damaged is made from its landed file. Not here: what follows
from a row that came before (deduplication.py).

The name of such a file states the SHA-256 of the landed file and its own, so that it counts for these rows and while it is whole.
DuckDB's `hash` may change with a release and content with the contract, so both are part of the folder's name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from promisekept.durable import file_sha256
from promisekept.sources.contract import Log, contract
from promisekept.sources.sandbox import literal, quoted
from promisekept.sources.zone.batches import StoredFile, Zone, scan

FOLDER = "known_events"


class KnownEvents:
    """The hashes of one home, each file of them checked once."""

    def __init__(self, home: Path) -> None:
        columns = {name: log.content for name, log in contract().items()}
        version = hashlib.sha256(json.dumps([duckdb.__version__, columns]).encode()).hexdigest()
        self._root = home / FOLDER
        self._folder = self._root / version[:16]
        self._sound: dict[str, Path] = {}

    def clear(self, zone: Zone) -> None:
        """Remove the hashes of files that hold no rows that count any more, and of other versions."""
        stored = {file.sha256 for log in contract() for file in zone.stored(log)}
        with suppress(OSError):
            for place in self._root.iterdir() if self._root.is_dir() else ():
                if place != self._folder:
                    shutil.rmtree(place, ignore_errors=True)
            for file in self._folder.iterdir() if self._folder.is_dir() else ():
                if file.stem.partition("-")[0] not in stored:
                    file.unlink(missing_ok=True)

    def of(self, connection: duckdb.DuckDBPyConnection, log: Log, files: Iterable[StoredFile]) -> dict[StoredFile, Path]:
        """The file of hashes of each landed file that is what was recorded and of which all rows count; it is made if need be."""
        wanted = [file for file in files if file.whole]
        there = {}
        if any(file.sha256 not in self._sound for file in wanted) and self._folder.is_dir():
            there = {path.stem.partition("-")[0]: path for path in self._folder.glob("*.parquet")}
        found = {}
        for file in wanted:
            path = self._sound.get(file.sha256) or _if_sound(there.get(file.sha256))
            # From a landed file that somebody changed nothing is made that would count for the right one, once that is back.
            if path is None and file.is_unchanged():
                path = self.keep(connection, log, file)
            if path is not None:
                self._sound[file.sha256] = found[file] = path
        return found

    def keep(self, connection: duckdb.DuckDBPyConnection, log: Log, file: StoredFile) -> Path | None:
        """Write the hashes of a landed file, which is what was recorded; None where that fails: nothing depends on them."""
        temporary = self._folder / f".{os.getpid()}-{threading.get_ident()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            rows = scan([file], log)
            # Uncompressed: hashes are as long as before, and read as often as something lands.
            connection.execute(
                f"copy (select {hashes(log, 'namespace')} from ({rows})) to {literal(str(temporary))}"
                " (format parquet, compression uncompressed)"
            )
            path = self._folder / f"{file.sha256}-{file_sha256(temporary)}.parquet"
            temporary.rename(path)
        except (OSError, duckdb.Error):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return None
        self._sound[file.sha256] = path
        return path


def _if_sound(path: Path | None) -> Path | None:
    """The file, if it is what its name states."""
    try:
        return path if path is not None and file_sha256(path) == path.stem.partition("-")[2] else None
    except OSError:
        return None


def hashes(log: Log, namespace: str) -> str:
    """The hashes `id` and `event` of a row, to be selected from a relation with the contract's columns.

    Two rows of one id whose contents differ have the same hashes by accident with a chance of 2^-64.
    """
    content = ", ".join(f"{quoted(name)}::{kind}" for name, kind in log.content.items())
    return f"hash(event_id) as id, hash({namespace}::varchar, {content}) as event"
