"""What could be published: one closed DuckDB file with a table per mart, counted and hashed.

Here: copying the marts that were built into a file that nobody writes to, under a temporary name. Not here: judging it
(the publish gate) or publishing it (store.py); what was published before is no part of it, so that its bytes depend on
nothing but the marts (history.py puts that beside it). Until it is published a candidate is a folder `.candidate-*` that any
later run may remove.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from promisekept.durable import FileStat, file_stat, sha256_if_same, sync_file
from promisekept.errors import PublishingError
from promisekept.publishing.content import SCHEMA, RowSum, TableSum, content_hash, mart, mart_columns, row_sum, table_of
from promisekept.publishing.reader import NO_EXTENSIONS, open_hardened

FILE = "snapshot.duckdb"
PREFIX = ".candidate-"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of what the marts are a function; instants are aware.

    `pack` holds name, version and sha256; `ledger_root` is the ledger's Merkle root when the candidate was written;
    `configuration` holds the settings that figures depend on: its country, its thresholds and the sequences of its sources;
    `lock_sha256` is that of the list of exact versions that the program was installed from, where it came with one; `models`
    holds the SHA-256 of the compiled text of every model.
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
    configuration: Mapping[str, str | int | float] = field(default_factory=dict)
    lock_sha256: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A closed file that nothing writes to any more; `sha256` proves its bytes, `content_hash` its content.

    `stat` is what the file system stated when its bytes were read; `sums` are those of all rows by mart, which a later build may
    carry on.
    """

    file: Path
    stat: FileStat
    sha256: str
    content_hash: str
    tables: Mapping[str, TableSum]
    provenance: Provenance
    sums: Mapping[str, RowSum]

    @property
    def rows(self) -> int:
        """Rows of all marts together."""
        return sum(table.rows for table in self.tables.values())


def write_candidate(
    marts: Path,
    folder: Path,
    provenance: Provenance,
    engine: Mapping[str, str] | None = None,
    carried: Mapping[str, RowSum] | None = None,
) -> Candidate:
    """Copy the marts that were built into a new candidate below `folder` and hash it. Needs the writer lock.

    Args:
        marts: the database that holds nothing but the schema of marts; nothing else may have it open.
        folder: `home/snapshots`; created where absent.
        provenance: written beside the marts when the candidate is published.
        engine: what DuckDB may take of the machine (`settings.engine.config`).
        carried: the sum of all rows by mart, where it is known already; the rows of other marts are summed here.

    Raises:
        PublishingError: there is no mart, the disk is full, or the copy differs from the original. Nothing remains.
    """
    if not marts.is_file():
        raise PublishingError(f"{marts}: no marts were built.\n  Run `promisekept run`, which builds them.")
    folder.mkdir(parents=True, exist_ok=True)
    remove_candidates(folder)
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        return _write(marts, place / FILE, provenance, engine, carried or {})
    except (duckdb.Error, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        raise PublishingError(
            f"{place / FILE}: the candidate could not be written; the last good snapshot is still current.\n"
            f"  {str(error).splitlines()[0]}\n"
            f"  Free space or close what else has {marts.name} open, and run again."
        ) from error
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def remove_candidates(folder: Path) -> None:
    """Remove every candidate: under the writer lock, none of them belongs to anybody any more."""
    for place in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(place, ignore_errors=True)


def _write(
    marts: Path, file: Path, provenance: Provenance, engine: Mapping[str, str] | None, carried: Mapping[str, RowSum]
) -> Candidate:
    _checkpoint(marts)
    # Byte for byte: encoding gigabytes of sentences again takes longer than making them.
    shutil.copyfile(marts, file)
    with ThreadPoolExecutor(1) as beside:  # the disk and the proof of the bytes take their time while rows are hashed
        proof = beside.submit(_proven, marts, file)
        columns, sums = _sums(marts, file, engine, carried)
        stat, sha256 = proof.result()
    tables = {table: table_of(table, columns[table], total) for table, total in sums.items()}
    return Candidate(file, stat, sha256, content_hash(tables), tables, provenance, sums)


def _proven(marts: Path, file: Path) -> tuple[FileStat, str]:
    """What the file system states of a copy that the disk has and that is what was copied, and its SHA-256."""
    sync_file(file)
    stat = file_stat(file)
    sha256 = sha256_if_same(file, marts)
    if sha256 is None:
        raise PublishingError(
            f"{file}: the copy is not what was built.\n  Check the disk, then run again; the last good snapshot is still current."
        )
    return stat, sha256


def _sums(
    marts: Path, file: Path, engine: Mapping[str, str] | None, carried: Mapping[str, RowSum]
) -> tuple[dict[str, dict[str, str]], dict[str, RowSum]]:
    """The columns and the sum of all rows of each mart; there is nothing else in the file."""
    with open_hardened(file, engine=engine) as connection:
        columns = mart_columns(connection, file.stem)
        others = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema <> ? or table_type <> 'BASE TABLE' order by all",
            [SCHEMA],
        ).fetchall()
        if others:
            names = ", ".join(name for (name,) in others)
            raise PublishingError(
                f"{marts}: holds more than tables of `{SCHEMA}`: {names}.\n  Remove them; nothing was published."
            )
        if not columns:
            raise PublishingError(f"{marts}: schema `{SCHEMA}` holds no table.\n  Run the transformations first.")
        return columns, {
            table: carried[table] if table in carried else row_sum(connection, table, columns[table], mart(table))
            for table in sorted(columns)
        }


def _checkpoint(marts: Path) -> None:
    with duckdb.connect(str(marts), config=NO_EXTENSIONS) as connection:
        connection.execute("checkpoint")
    journal = marts.with_name(marts.name + ".wal")
    if journal.exists():
        raise PublishingError(f"{journal}: what was built was not checkpointed.\n  Run again; see docs/operate.md.")
