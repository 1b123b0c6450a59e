"""The DuckDB in which files are landed: in memory, gone afterwards.

Here: how it is opened and locked. What does not fit into memory spills below `home`, or where `engine` sets it,
encrypted with a key that only the process holds, because raw identifiers pass through; a killed run leaves unreadable bytes,
which the next one removes. Not here: what is done in it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from promisekept.config.settings import Settings

_SESSION = ("set timezone = 'UTC'", "set enable_progress_bar = false", "set python_enable_replacements = false")
_SETTINGS = (
    *_SESSION,
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set preserve_insertion_order = true",
    # The larger side of a join streams through in its own order; the optimizer must not swap it with the smaller.
    "set disabled_optimizers = 'build_side_probe_side'",
)
_SPILL = ".spill"


def clear_spill(settings: Settings) -> None:
    """Remove what a killed run spilled; nobody can read it, and under the writer lock nobody needs it."""
    shutil.rmtree(_spill(settings), ignore_errors=True)


def _spill(settings: Settings) -> Path:
    """A folder that is this home's alone, though several may share a temporary directory."""
    if settings.engine.temp_directory is None:
        return settings.home / "landing" / _SPILL
    return settings.engine.temp_directory / f"landing-{hashlib.sha256(str(settings.home).encode()).hexdigest()[:12]}"


@contextmanager
def sandbox_database(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory database whose spilled bytes are encrypted; closed and cleaned on leaving."""
    connection = duckdb.connect(":memory:")
    place = _spill(settings)
    # DuckDB makes the folder that it is given, and none above it.
    created = [folder for folder in (place, *place.parents) if not folder.exists()]
    try:
        place.mkdir(parents=True, exist_ok=True)
        for setting in _SETTINGS:
            connection.execute(setting)
        if settings.engine.memory_limit is not None:
            connection.execute(f"set memory_limit = {literal(settings.engine.memory_limit)}")
        spill = place / f"{id(connection):x}"
        # The built-in crypto suffices here: the key lives and dies with this process.
        connection.execute("set force_mbedtls_unsafe = 'true'")
        connection.execute("set temp_file_encryption = true")
        connection.execute(f"set temp_directory = {literal(str(spill))}")
        yield connection
    finally:
        connection.close()
        for folder in created:
            with suppress(OSError):  # something else lies there by now
                folder.rmdir()


@contextmanager
def open_sandbox(database: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Another connection to the same database, with temporary tables of its own."""
    connection = database.cursor()
    try:
        for setting in _SESSION:
            connection.execute(setting)
        yield connection
    finally:
        connection.close()


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """From now on nothing outside the database can be read or written, and nothing undoes that."""
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def described(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Column names and DuckDB types of a relation, in order."""
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single number that a query yields."""
    row = connection.execute(sql).fetchall()[0]
    return int(row[0] or 0)
