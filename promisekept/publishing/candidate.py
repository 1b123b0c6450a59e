"""What could be published: one closed DuckDB file with a table per mart, counted and hashed.

Here: copying the marts out of the build database into a file of their own, under a temporary name. Not here: judging it
(the publish gate) or publishing it (store.py). Until it is published a candidate is a folder `.candidate-*` that any
later run may remove.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.durable import file_sha256, sync_file
from promisekept.errors import PublishingError
from promisekept.publishing.content import SCHEMA, TableSum, content_hash, mart_columns, table_sum
from promisekept.publishing.reader import NO_EXTENSIONS, open_hardened

FILE = "snapshot.duckdb"
PREFIX = ".candidate-"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of what the marts are a function; instants are aware.

    `pack` holds name, version and sha256; `ledger_root` is the ledger's Merkle root when the candidate was written.
    """

    as_of: datetime
    known_at: datetime
    known_seq: int
    organisation: str
    time_zone: str
    pack: Mapping[str, str]
    code_version: str
    holidays_version: str
    ledger_root: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A closed file that nothing writes to any more; `sha256` proves its bytes, `content_hash` what it says."""

    file: Path
    sha256: str
    content_hash: str
    tables: Mapping[str, TableSum]
    provenance: Provenance

    @property
    def rows(self) -> int:
        """Rows of all marts together."""
        return sum(table.rows for table in self.tables.values())


def write_candidate(warehouse: Path, folder: Path, provenance: Provenance) -> Candidate:
    """Copy every mart of the build database into a new candidate below `folder` and hash it. Needs the writer lock.

    Args:
        warehouse: the build database; nothing else may have it open for writing.
        folder: `home/snapshots`; created where absent.
        provenance: written beside the marts when the candidate is published.

    Raises:
        PublishingError: there is no mart, the disk is full, or the copy differs from the original. Nothing remains.
    """
    if not warehouse.is_file():
        raise PublishingError(f"{warehouse}: there is no build database.\n  Run `promisekept run`, which builds it.")
    folder.mkdir(parents=True, exist_ok=True)
    remove_candidates(folder)
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    place.chmod(0o755)
    try:
        return _write(warehouse, place / FILE, provenance)
    except (duckdb.Error, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        raise PublishingError(
            f"{place / FILE}: the candidate could not be written; the last good snapshot is still current.\n"
            f"  {str(error).splitlines()[0]}\n"
            "  Free space or close what else has warehouse.duckdb open, and run again."
        ) from error
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def remove_candidates(folder: Path) -> None:
    """Remove every candidate: under the writer lock, none of them belongs to anybody any more."""
    for place in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(place, ignore_errors=True)


def _write(warehouse: Path, file: Path, provenance: Provenance) -> Candidate:
    counts = _copy_marts(warehouse, file)
    if not counts:
        raise PublishingError(f"{warehouse}: schema `{SCHEMA}` holds no table.\n  Run the transformations first.")
    journal = file.with_name(file.name + ".wal")
    if journal.exists():
        raise PublishingError(f"{journal}: the candidate was not checkpointed.\n  Run again; see docs/operate.md.")
    sync_file(file)
    with open_hardened(file) as connection:
        columns = mart_columns(connection, file.stem)
        tables = {table: table_sum(connection, table, columns[table]) for table in sorted(columns)}
    for table, rows in counts.items():
        found = tables[table].rows if table in tables else None
        if found != rows:
            raise PublishingError(
                f"{file}: {table} has {found} rows after reopening, {rows} were written.\n"
                "  Check the disk, then run again; the last good snapshot is still current."
            )
    return Candidate(file, file_sha256(file), content_hash(tables), tables, provenance)


def _copy_marts(warehouse: Path, file: Path) -> dict[str, int]:
    with duckdb.connect(str(file), config=NO_EXTENSIONS) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        quoted = str(warehouse).replace("'", "''")
        connection.execute(f"attach '{quoted}' as build (read_only)")
        connection.execute(f"create schema {SCHEMA}")
        counts = {}
        for table in sorted(mart_columns(connection, "build")):
            name = '"' + table.replace('"', '""') + '"'
            connection.execute(f"create table {SCHEMA}.{name} as from build.{SCHEMA}.{name}")
            (row,) = connection.execute(f"select count(*) from build.{SCHEMA}.{name}").fetchall()
            counts[table] = int(row[0])
        connection.execute("detach build")
        connection.execute("checkpoint")
    return counts
