"""The only way into a snapshot.

Here: which snapshot is current, and a connection to it that can read its tables and nothing else: read-only, no file
beside it, no network, no extension, configuration locked. Not here: writing anything (store.py), or checking the
snapshot's bytes against the ledger (fsck.py, and every export). Opening checks the manifest's hash and the files' sizes.

The marts are the schema `marts`. What depends on what was published before is the schema `history`: a file of its own
in the snapshot's folder, so that the file of the marts stays a function of landing, pack and instants.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from promisekept.errors import PublishingError
from promisekept.system_errors import GRANT

HISTORY_FILE = "history.duckdb"
LACKING = (duckdb.BinderException, duckdb.CatalogException)
"""What a question raises whose table or column a snapshot lacks, because another version published it."""
NO_ANSWER = duckdb.Error
"""What a question raises at all; where it is not LACKING, the snapshot's file may be damaged."""
NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_LOCKS = (
    "set global TimeZone = 'UTC'",  # global: a plain `set` would not reach the cursors
    "set enable_external_access = false",
    "set lock_configuration = true",
)


Row = dict[str, Any]

_opening = Lock()


def open_hardened(
    file: Path, *, history: Path | None = None, inserted: Path | None = None, engine: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Connect to a closed DuckDB file: its tables can be read, and nothing else on this machine.

    Args:
        file: a snapshot, or a candidate.
        history: another file whose tables can be read as `history.*`.
        inserted: another one whose tables can be read as `inserted.*`.
        engine: what DuckDB may take of the machine (`settings.engine.config`); where this process reads the file already, what
            was stated first holds.

    Raises:
        PublishingError: there is no such file, or it is no DuckDB file.
    """
    if not file.is_file():
        raise PublishingError(f"{file}: there is no such snapshot file.\n  `promisekept fsck` reports what is missing.")
    # Threads that open one file share its configuration: one must not lock it while another still sets it.
    with _opening:
        try:
            connection = duckdb.connect(str(file), read_only=True, config=NO_EXTENSIONS)
        except duckdb.Error as error:
            raise PublishingError(
                f"{file}: not readable ({str(error).splitlines()[0]}).\n  `promisekept fsck` reports what is wrong."
            ) from error
        for name, other in (("history", history), ("inserted", inserted)):
            if other is not None:
                _attach(connection, other, name)
        return _locked(connection, engine)


def _attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Connections of one process to one file share what is attached, so only the first one attaches."""
    there = connection.execute("select 1 from duckdb_databases() where database_name = $1", [name]).fetchall()
    if there:
        return
    quoted = str(file).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as {name} (read_only)")
    except duckdb.Error as error:
        connection.close()
        raise PublishingError(
            f"{file}: not readable ({str(error).splitlines()[0]}).\n  `promisekept fsck` reports what is wrong."
        ) from error


def open_both(old: Path, new: Path) -> duckdb.DuckDBPyConnection:
    """Connect to two snapshot files at once as `old` and `new`, hardened in the same way."""
    connection = duckdb.connect(":memory:", config=NO_EXTENSIONS)
    for name, file in (("old", old), ("new", new)):
        quoted = str(file).replace("'", "''")
        connection.execute(f"attach '{quoted}' as {name} (read_only)")
    return _locked(connection)


def _locked(connection: duckdb.DuckDBPyConnection, engine: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """Connections of one process to one file share their configuration, so the first one sets and locks it for all.

    Given while connecting, a setting that differs from the first one's would be an error.
    """
    (row,) = connection.execute("select current_setting('lock_configuration')").fetchall()
    if not row[0]:
        for name, value in (engine or {}).items():
            quoted = value.replace("'", "''")
            connection.execute(f"set {name} = '{quoted}'")
        for lock in _LOCKS:
            connection.execute(lock)
    return connection


def rows(cursor: duckdb.DuckDBPyConnection, question: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """Every row of an answer, as dictionaries; values are bound, and decimals become floats."""
    answer = cursor.execute(question, dict(values or {}))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in answer.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class SnapshotReader:
    """One published snapshot, open. `current` is the pointer's record with its banners, None for a past snapshot."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]
    quality: Mapping[str, Any]
    current: Mapping[str, Any] | None
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of one's own, for one thread; values are bound, never written into the text."""
        return self.connection.cursor()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> SnapshotReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def read_current(home: Path) -> dict[str, Any] | None:
    """The record in `home/CURRENT`, or None where nothing was ever published or rejected.

    Keys: sequence, snapshot (None before the first publication), manifest_sha256, published_at, refused, rolled_back_to.

    Raises:
        PublishingError: the file is no such record.
    """
    path = home / "CURRENT"
    try:
        record = json.loads(path.read_bytes())
        if not {"sequence", "snapshot", "manifest_sha256"} <= set(record):
            raise ValueError("it lacks `sequence`, `snapshot` or `manifest_sha256`")
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise PublishingError(f"{path}: this account may not read which snapshot is current.\n  {GRANT}") from error
    except (OSError, ValueError, TypeError) as error:
        raise PublishingError(
            f"{path}: this is no pointer to a snapshot ({type(error).__name__}).\n"
            "  `promisekept fsck --repair` writes it again from the ledger; so does the next `promisekept run`."
        ) from error
    return dict(record)


def read_manifest(home: Path, snapshot: str) -> dict[str, Any] | None:
    """The manifest of a published snapshot, without opening it; None where its files are not kept."""
    try:
        return dict(json.loads((home / "snapshots" / snapshot / "manifest.json").read_bytes()))
    except (OSError, ValueError):
        return None


def reached_further(home: Path, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    """The manifest of a snapshot that was published before another and holds what that one leaves out.

    Args:
        home: where both lie.
        manifest: of the other, as of an earlier day or of what had landed by an earlier instant: a run with `--as-of` or
            `--known-at`, or a backfill, has become current.

    Returns:
        Of several, the one as of the latest instant; None where no snapshot whose files are kept holds more events or rows.
    """
    zone = ZoneInfo(manifest["time_zone"])
    ours, further = _reach(manifest, zone), []
    for path in (home / "snapshots").glob("[0-9]*-*"):
        one = read_manifest(home, path.name) or {}
        with suppress(KeyError, TypeError, ValueError):  # damaged: fsck names it
            later = any(theirs > our for theirs, our in zip(_reach(one, zone), ours, strict=True))
            if later and one["sequence"] < manifest["sequence"]:
                further.append(one)
    return max(further, key=itemgetter("as_of", "known_at", "sequence"), default=None)


def _reach(manifest: Mapping[str, Any], zone: ZoneInfo) -> tuple[date, datetime]:
    """The day as of which a snapshot is, because a run by hand and one by schedule differ by hours, and what it knows."""
    return datetime.fromisoformat(manifest["as_of"]).astimezone(zone).date(), datetime.fromisoformat(manifest["known_at"])


def open_current(home: Path) -> SnapshotReader:
    """Open the snapshot that `CURRENT` names.

    Raises:
        PublishingError: nothing was published yet (the message names what the gate rejected, if it did), or the
            snapshot is not the one that the pointer names.
    """
    record = read_current(home)
    if record is None or record["snapshot"] is None:
        refused = (record or {}).get("refused")
        why = f"\n  The publish gate rejected the last run: {_reasons(refused)}." if refused else ""
        raise PublishingError(f"{home}: no snapshot has been published yet.{why}\n  Run `promisekept run`.")
    return _open(home, str(record["snapshot"]), record)


def open_snapshot(home: Path, snapshot: str, engine: Mapping[str, str] | None = None) -> SnapshotReader:
    """Open a snapshot by its id, such as `0007-3f9a1c`, current or not.

    Args:
        home: where it lies.
        snapshot: its id.
        engine: what DuckDB may take of the machine (`settings.engine.config`).

    Raises:
        PublishingError: there is none of that id, or it is damaged.
    """
    folders = sorted(path.name for path in (home / "snapshots").glob("[0-9]*-*"))
    if snapshot not in folders:
        raise PublishingError(f"There is no snapshot `{snapshot}`.\n  There are: {', '.join(folders) or 'none'}")
    return _open(home, snapshot, None, engine)


def _open(home: Path, snapshot: str, record: Mapping[str, Any] | None, engine: Mapping[str, str] | None = None) -> SnapshotReader:
    folder = home / "snapshots" / snapshot
    try:
        raw = (folder / "manifest.json").read_bytes()
        manifest = json.loads(raw)
        quality = json.loads((folder / "quality.json").read_bytes())
        file = folder / "snapshot.duckdb"
        size = file.stat().st_size
    except PermissionError as error:
        raise PublishingError(f"{error.filename}: this account may not read the snapshot.\n  {GRANT}") from error
    except (OSError, ValueError) as error:
        raise PublishingError(f"{folder}: the snapshot is damaged ({error}).\n  Run `promisekept fsck`.") from error
    if record is not None and hashlib.sha256(raw).hexdigest() != record["manifest_sha256"]:
        raise PublishingError(f"{folder / 'manifest.json'}: not the one that CURRENT names.\n  Run `promisekept fsck`.")
    if size != manifest["file_bytes"]:
        raise PublishingError(f"{file}: {size} bytes, the manifest states {manifest['file_bytes']}.\n  Run `promisekept fsck`.")
    history = _history(folder, manifest)
    return SnapshotReader(snapshot, folder, manifest, quality, record, open_hardened(file, history=history, engine=engine))


def _history(folder: Path, manifest: Mapping[str, Any]) -> Path | None:
    stated = manifest.get("history_bytes")
    if stated is None:
        return None
    file = folder / HISTORY_FILE
    found = file.stat().st_size if file.is_file() else 0
    if found != stated:
        raise PublishingError(f"{file}: {found} bytes, the manifest states {stated}.\n  Run `promisekept fsck`.")
    return file


def _reasons(refused: Mapping[str, Any]) -> str:
    checks = [f"{check['suite']}: {check['type']} {check.get('column') or ''}".strip() for check in refused["checks"]]
    return "; ".join(checks[:5]) or f"{refused['failed']} of {refused['declared']} expectations"
