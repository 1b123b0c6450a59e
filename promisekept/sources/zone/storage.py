"""Writing into the landing zone so that a crash leaves a whole file or none.

Here: a query's rows -> an immutable Parquet file named by its content: temporary name, fsync, rename, fsync of the folder.
Not here: the ledger line that makes the file count (landing/land.py); a file that no line names is not part of anything.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from promisekept.durable import sync_folder
from promisekept.errors import MachineError
from promisekept.sources.sandbox import literal

INCOMING = ".incoming-"
_NAME_DIGITS = 32
# Version 2 stores ids and instants as differences: a third of the bytes, written and read as fast.
_FORMAT = "format parquet, parquet_version v2, compression zstd, compression_level 1"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file below home/landing: its name relative to it, SHA-256 and number of rows."""

    file: str
    sha256: str
    rows: int


def clear_incoming(landing: Path) -> None:
    """Remove what a killed run left under temporary names."""
    for left in landing.glob(f"*/{INCOMING}*"):
        left.unlink()


def write_rows(
    connection: duckdb.DuckDBPyConnection, landing: Path, folder: str, sql: str, parameters: Mapping[str, object]
) -> WrittenFile | None:
    """Write the rows of a query to landing/folder.

    Returns:
        The file, or None where the query yields no row (no file then).

    Raises:
        MachineError: the disk is full or can't be written; nothing is left behind.
    """
    place = landing / folder
    temporary = place / f"{INCOMING}{os.getpid()}-{threading.get_ident()}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        copied = connection.execute(
            f"copy ({sql}) to {literal(str(temporary))} ({_FORMAT})",
            dict(parameters),
        ).fetchall()
        rows = int(copied[0][0])
        if rows == 0:
            temporary.unlink()
            return None
        sha256 = _settle(temporary)
        name = f"{sha256[:_NAME_DIGITS]}.parquet"
        temporary.rename(place / name)
        sync_folder(place)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        temporary.unlink(missing_ok=True)
        raise MachineError(
            f"{place}: a batch could not be written ({_short(error)}).\n"
            "  Free space or fix the permissions and run again; nothing of this file was taken."
        ) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return WrittenFile(f"{folder}/{name}", sha256, rows)


def _short(error: BaseException) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def _settle(path: Path) -> str:
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest
