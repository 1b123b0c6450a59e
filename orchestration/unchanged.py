"""Whether a run would publish what is current already, because nothing that a publication is a function of has changed.

Here: a fingerprint of code, settings, pack, instants and all that the ledger recorded, remembered in the build database once its
snapshot is published; and the proof that snapshot, landed files and build database are still what they were. Not here: which
files nobody wrote to (known_files.py), what a run does that finds nothing new (run.py, defs/ingest.py), or whether a build may be
incremental (build_mode.py).
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from orchestration import known_files
from orchestration.build_mode import LOOK_BACK, last_build
from orchestration.checkpoints import KEEP_DELETED_ROWS
from orchestration.damaged_builds import require_readable
from orchestration.dbt_runner import DATABASE, OUTGOING
from orchestration.versions import program_sha256
from promisekept.config.settings import Settings
from promisekept.errors import LandingError, LockHeld, PublishingError
from promisekept.policy import Pack
from promisekept.publishing import export_log
from promisekept.publishing.history import history_files, intact_files
from promisekept.publishing.publications import PUBLISHED, Snapshot
from promisekept.publishing.reader import read_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.landing.relations import require_unchanged
from promisekept.sources.landing.tasks import mapping_sha256
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger

_NO_INPUT = (*PUBLISHED, "retired", export_log.KIND)
"""Kinds of ledger lines that follow from a publication and are read by none. Every other line is news, a purge of rows too."""


@dataclass(frozen=True)
class Inputs:
    """What a publication is a function of, beside the code and the ledger."""

    settings: Settings
    pack: Pack
    as_of: datetime
    known_at: datetime

    def sha256(self, ledger: Ledger) -> str:
        """A fingerprint of all inputs. The hash of a ledger line covers every line before it."""
        recorded = [line.hash for line in ledger.lines() if line.kind not in _NO_INPUT]
        stated = {
            "program": program_sha256(),
            "settings": self.settings.model_dump_json(),
            "mappings": [mapping_sha256(source) for source in self.settings.sources],
            "pack": [self.pack.sha256, self.pack.library_version],
            "instants": [at.astimezone(UTC).isoformat() for at in (self.as_of, self.known_at)],
            "ledger": recorded[-1] if recorded else None,
        }
        return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def remember(connection: duckdb.DuckDBPyConnection, snapshot: str, inputs: Inputs, ledger: Ledger, now: datetime) -> None:
    """Note in the build database which snapshot was published from it at `now`, and of what it is a function."""
    connection.execute(
        "create or replace table run.published as select $1::varchar as snapshot, $2::varchar as inputs_sha256",
        [snapshot, inputs.sha256(ledger)],
    )
    known_files.remember(connection, inputs.settings.home, ledger, now)


def find_unchanged(inputs: Inputs, now: datetime) -> Snapshot | None:
    """The current snapshot, if a run at `now` would only publish it again. Needs the writer lock; all sources have landed.

    Returns:
        None where an input changed, the publish gate has rejected a candidate since, a build did not end or its database is gone,
        or where a landed file, a file of the history or one of the snapshot is not what the ledger recorded: the build that
        follows fixes it or names it.
    """
    home = inputs.settings.home
    ledger, store = Ledger.open(home), SnapshotStore(home)
    store.recover(ledger)
    record = read_current(home)
    if record is None or record["refused"]:
        return None
    published = (record["snapshot"], inputs.sha256(ledger))
    warehouses = [folder / DATABASE for folder in (home, home / LOOK_BACK)]
    for warehouse in warehouses:
        if not (warehouse.is_file() and warehouse.with_name(OUTGOING).is_file()):
            continue
        # Opening one takes 60 milliseconds with the demo's rows: it is done once, for all that is asked.
        with suppress(duckdb.Error, LockHeld), duckdb.connect(str(warehouse), config={**KEEP_DELETED_ROWS}) as connection:
            if _remembered(connection) == published:
                require_readable(warehouse.with_name(OUTGOING))
                return _intact(store, ledger, connection, now)
    return None


def _intact(store: SnapshotStore, ledger: Ledger, connection: duckdb.DuckDBPyConnection, now: datetime) -> Snapshot | None:
    """The current snapshot, where its files and what it was made from are what the ledger recorded; read if need be."""
    try:
        if known_files.are_known(connection, store.home, ledger, now):
            return store.current_snapshot(ledger)
        require_unchanged(Zone(store.home, ledger))
        intact_files(store.home, history_files(ledger))
        snapshot = store.intact_current(ledger)
    except (LandingError, PublishingError):
        return None
    if snapshot is not None:
        known_files.note(connection, store.home, ledger, now)
    return snapshot


def _remembered(connection: duckdb.DuckDBPyConnection) -> tuple[str, str] | None:
    if last_build(connection) is None:
        return None
    ((snapshot, inputs_sha256),) = connection.execute("select snapshot, inputs_sha256 from run.published").fetchall()
    return snapshot, inputs_sha256
