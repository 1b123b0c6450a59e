"""What was published when: one small Parquet file per snapshot, kept for good, and the schema `history` made of them.

Here: the files below `home/history`, the figures as they were last published, and `history.duckdb` beside a snapshot, which
holds both tables of the schema up to that snapshot. Not here: comparing figures (restatement/comparison.py) or finding the cause
(restatement/causes.py).

A file holds what its snapshot was the first to state or stated otherwise: a figure whose period had closed for the first time,
and a figure of a closed period that is new, gone or another one. So all files together give each figure as it stood in any
snapshot, also where the snapshot itself was purged. The ledger line of the snapshot names its file and hash; a
file that no line names was left by a killed run and means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from promisekept.durable import file_sha256, has_sha256, sync_file, sync_folder
from promisekept.errors import PublishingError
from promisekept.publishing.reader import HISTORY_FILE, NO_EXTENSIONS
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.ledger import Ledger, Line

FOLDER = "history"
PARTIAL = ".partial-"
KEY = ("metric_code", "period_grain", "period_start", "period_end", "dimension", "dimension_value")
FIGURES = ("numerator", "denominator", "value", "value_worst")
COLUMNS: Mapping[str, str] = {
    "snapshot": "VARCHAR", "sequence": "BIGINT", "published_at": "TIMESTAMPTZ", "as_of": "TIMESTAMPTZ",
    "compared_with": "VARCHAR",
    "metric_code": "VARCHAR", "period_grain": "VARCHAR", "period_start": "DATE", "period_end": "DATE",
    "dimension": "VARCHAR", "dimension_value": "VARCHAR",
    "change": "VARCHAR",
    **{f"old_{name}": "DOUBLE" for name in FIGURES},
    **{f"new_{name}": "DOUBLE" for name in FIGURES},
    "causes": "VARCHAR[]", "batches": "VARCHAR[]", "versions": "VARCHAR[]",
}  # fmt: skip
"""`change` is `first` (the period had not closed in any earlier snapshot; nothing is restated), `changed`, `new` or `gone`."""

_PUBLISHED = ("snapshot", "rollback")
HISTORY_LOST = "history_lost"
"""Files that are gone for good: what was published before is no longer known from them, and is not compared with."""


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """The file of one snapshot, as its ledger line names it; `restatements` of its `rows` change an earlier figure.

    `metrics` are those that the snapshot measures: a figure of one that it does not is new by a new version of the program.
    """

    file: str
    sha256: str
    rows: int
    restatements: int
    metrics: tuple[str, ...] = ()

    def as_body(self) -> dict[str, Any]:
        """For the ledger line of the snapshot."""
        return {name: getattr(self, name) for name in HistoryFile.__slots__} | {"metrics": list(self.metrics)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of one snapshot compared with everything published before it.

    Attributes:
        entries: one row per figure whose period closed for the first time, or that is new, gone or changed; its columns are
            `COLUMNS` without those of the snapshot itself.
        metrics: those that the snapshot measures, in order.
        content_hash: of the marts that were compared.
        until_sequence: of the last publication that they were compared with.
    """

    entries: pa.Table
    metrics: tuple[str, ...]
    content_hash: str
    until_sequence: int


def history_file_of(line: Line) -> HistoryFile:
    """The file that the ledger line of a snapshot names."""
    return HistoryFile(**line.body["history"])


def history_files(ledger: Ledger) -> list[HistoryFile]:
    """The files that the ledger names and that were not given up, oldest first."""
    return [history_file_of(line) for line in publications_with_history(ledger)]


def publications_with_history(ledger: Ledger) -> list[Line]:
    """The publications that are still in the history, oldest first."""
    lost = {file for line in ledger.lines(HISTORY_LOST) for file in line.body["files"]}
    lines = [line for line in ledger.lines() if line.kind in _PUBLISHED and line.body.get("history")]
    return [line for line in lines if line.body["history"]["file"] not in lost]


def history_database(engine: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection of its own for what is computed about the history, in UTC.

    Args:
        engine: what DuckDB may take of the machine (`settings.engine.config`).
    """
    connection = duckdb.connect(":memory:", config=NO_EXTENSIONS | dict(engine or {}))
    connection.execute("set global TimeZone = 'UTC'")
    return connection


def read_entries(connection: duckdb.DuckDBPyConnection, home: Path, files: Iterable[HistoryFile]) -> None:
    """Create `entries`: everything that the files hold, each after its hash was found to be the recorded one.

    Raises:
        PublishingError: a file is gone or is not what the ledger recorded.
    """
    paths = [literal(str(path)) for path in intact_files(home, files)]
    rows = f"read_parquet([{', '.join(paths)}])" if paths else f"(select {_nulls()} where false)"
    connection.execute(f"create or replace temp table entries as select {', '.join(COLUMNS)} from {rows}")


def intact_files(home: Path, files: Iterable[HistoryFile]) -> list[Path]:
    """The paths of the files, after the hash of each was found to be the recorded one.

    Raises:
        PublishingError: a file is gone or is not what the ledger recorded.
    """
    paths = []
    for file in files:
        path = home / file.file
        if not has_sha256(path, file.sha256):
            raise PublishingError(
                f"{path}: not there, or not what the ledger recorded, so what was published before is unknown.\n"
                "  Restore it from a backup of home, or let `promisekept restore` build it again from landing."
            )
        paths.append(path)
    return paths


def add_entries(connection: duckdb.DuckDBPyConnection, comparison: Comparison, manifest: Mapping[str, Any]) -> None:
    """Create `found`, the entries of a new snapshot, and add them to `entries`.

    Args:
        connection: holds `entries`; see `read_entries`.
        comparison: of the snapshot's figures.
        manifest: of the snapshot, whose id, sequence and instants stand in each entry.
    """
    moment = {"snapshot": "$id", "sequence": "$sequence", "published_at": "$published_at", "as_of": "$as_of"}
    columns = ", ".join(f"{moment.get(name, name)}::{kind} as {name}" for name, kind in COLUMNS.items())
    connection.register("compared", comparison.entries)
    connection.execute(
        f"create or replace temp table found as select {columns} from compared",
        {name.removeprefix("$"): manifest[name.removeprefix("$")] for name in moment.values()},
    )
    connection.unregister("compared")
    connection.execute("insert into entries select * from found")


def write_entries(connection: duckdb.DuckDBPyConnection, home: Path, snapshot: str, metrics: Iterable[str]) -> HistoryFile:
    """Write `found` under the snapshot's name, whole or not at all; the entries count once the ledger names the file."""
    folder = home / FOLDER
    created = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if created:
        sync_folder(home)
    partial, name = folder / f"{PARTIAL}{snapshot}", f"{snapshot}.parquet"
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in COLUMNS.items())
    connection.execute(
        f"copy (select {columns} from found order by {', '.join(KEY)})"
        f" to {literal(str(partial))} (format parquet, compression zstd)"
    )
    ((rows, restated),) = connection.execute("select count(*), count(*) filter (change <> 'first') from found").fetchall()
    partial.chmod(0o600)
    sync_file(partial)
    partial.chmod(0o400)
    written = HistoryFile(f"{FOLDER}/{name}", file_sha256(partial), rows, restated, tuple(metrics))
    partial.replace(folder / name)
    sync_folder(folder)
    return written


def write_history(connection: duckdb.DuckDBPyConnection, place: Path) -> None:
    """Write `history.duckdb` into a snapshot's folder from `entries`: what was published up to that snapshot, it included."""
    file = place / HISTORY_FILE
    connection.execute(f"attach {literal(str(file))} as written")
    key, figures = ", ".join(KEY), ", ".join(f"new_{name} as {name}" for name in FIGURES)
    connection.execute("create table written.entries as select * from entries; use written")
    connection.execute(
        f"""
        create view figures_as_published as
        select {key}, {figures}, change = 'gone' as is_gone, change <> 'first' as is_restated,
            snapshot, sequence, published_at, as_of,
            lead(sequence) over (partition by {key} order by sequence) as until_sequence
        from entries
        """
    )
    connection.execute("create view fct_restatements as select * from entries where change <> 'first'")
    connection.execute("use memory; checkpoint written; detach written")
    sync_file(file)


def clear_unnamed(home: Path, ledger: Ledger) -> tuple[str, ...]:
    """Remove what a killed run left in the folder and return the names. Needs the writer lock."""
    done = []
    for path in unnamed(home, ledger):
        path.unlink()
        if not path.name.startswith(PARTIAL):
            done.append(f"removed {FOLDER}/{path.name}, whose snapshot was never published")
    return tuple(done)


def unnamed(home: Path, ledger: Ledger) -> list[Path]:
    """Files in the folder that no line of the ledger names."""
    named = {file.file for file in history_files(ledger)}
    return [path for path in sorted((home / FOLDER).glob("*")) if f"{FOLDER}/{path.name}" not in named]


def _nulls() -> str:
    return ", ".join(f"null::{kind} as {name}" for name, kind in COLUMNS.items())
