"""One run of landing: what all its files share.

Here: the keys, the instant, the landing zone as it grows line by line, the database in which files are landed, and the
memory of event ids that spares opening every landed file for every new one. Not here: what is done with a file (batch.py)
or which files are taken (land.py, reland.py, quarantine.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.sources.contract import contract
from promisekept.sources.extract.files import SourceFile
from promisekept.sources.extract.temporary_files import remove_temporary_files
from promisekept.sources.sandbox import clear_spill, literal, open_sandbox, sandbox_database, scalar
from promisekept.sources.zone.batches import StoredFile, Zone, scan
from promisekept.sources.zone.keyring import Keyring, forgotten, load_keyring, require_held
from promisekept.sources.zone.keys import Key
from promisekept.sources.zone.ledger import Ledger, Line
from promisekept.sources.zone.ledger_sequencer import LedgerSequencer
from promisekept.sources.zone.storage import clear_incoming

KNOWN_PERSONS = "known_persons"
"""A relation of the run's database: `key` of everybody whom a landed row names."""


@dataclass(slots=True)
class KnownPersons:
    """That relation, made once for all partitions of a run, and only by one that lands something."""

    _lock: Lock = field(default_factory=Lock)
    _is_created: bool = False

    def create(self, database: duckdb.DuckDBPyConnection, zone: Zone) -> None:
        """Gather the people of all landed rows that count as the run begins."""
        with self._lock:
            if self._is_created:
                return
            people = " union all ".join(
                f"select {person.landed_name} as key from ({scan(zone.stored(log.name), log)})"
                for log in contract().values()
                for person in log.subjects
            )
            database.execute(f"create table {KNOWN_PERSONS} as select distinct key from ({people}) where key is not null")
            self._is_created = True


# The first files of a source are compared with the landed files themselves; from then on their ids are kept in memory.
REMEMBER_AFTER = 3

MOST_PERSONS = 1_000_000
"""Who comes after so many is keyed with nobody remembered, rather than looked up among still more."""


@dataclass(slots=True)
class Run:
    """A run under the writer lock, which the caller holds.

    Attributes:
        now: the `landed_at` of all its rows.
        unfinished: files that were written while they were to land, and wait for the next run.
    """

    settings: Settings
    ledger: Ledger
    keyring: Keyring
    now: datetime
    zone: Zone
    database: duckdb.DuckDBPyConnection
    sequencer: LedgerSequencer
    partition: int = 0
    unfinished: list[SourceFile] = field(default_factory=list)
    _known_persons: KnownPersons = field(default_factory=KnownPersons)
    _remembered: dict[Path, int] = field(default_factory=dict)
    _files_remembered: int = 0
    _compared: dict[tuple[str, str], int] = field(default_factory=dict)
    _number: int | None = None

    @property
    def key(self) -> Key:
        """The key of people who are new, and of texts that are kept as hashes."""
        return self.keyring.current

    @property
    def landing(self) -> Path:
        """The folder of landed files and the ledger."""
        return self.settings.home / "landing"

    @property
    def _memory(self) -> str:
        return f"remembered_{self.partition}"

    def facts(self, source: Source, batch_id: str) -> dict[str, object]:
        """What stands in every row of a batch, to be bound."""
        return {
            "source": source.name,
            "namespace": source.namespace,
            "batch_id": batch_id,
            "key_id": self.key.id,
            "landed_at": self.now,
        }

    @contextmanager
    def sandbox(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own for one file; its temporary tables go with it."""
        with open_sandbox(self.database) as connection:
            yield connection

    def for_partition(self, partition: int) -> Run:
        """The same run for other logs, in a thread of its own: its files, and its memory of them, are its own."""
        zone = Zone(self.settings.home, self.ledger)
        return Run(
            self.settings,
            self.ledger,
            self.keyring,
            self.now,
            zone,
            self.database.cursor(),
            self.sequencer,
            partition,
            _known_persons=self._known_persons,
        )

    def number(self) -> int:
        """The line of the ledger that is written next here. A file that fails half way leaves it to the line of its rejection."""
        if self._number is None:
            self._number = self.sequencer.reserve()
        return self._number

    @property
    def owes_a_line(self) -> bool:
        """Whether a line was taken that is not written yet: others may be waiting for it."""
        return self._number is not None

    def record(self, kind: str, body: Mapping[str, Any], content_hash: str) -> Line:
        """Append a ledger line and add it to the zone.

        Raises:
            AbandonedError: a line that had to come before will never be written.
        """
        line = self.sequencer.append(self.number(), lambda: self.ledger.append(kind, body, self.now, content_hash))
        self._number = None
        self.zone.note(line)
        return line

    def gather_known_persons(self) -> None:
        """Create `KNOWN_PERSONS`, where there are earlier keys under which somebody may have landed."""
        if self.keyring.earlier:
            self._known_persons.create(self.database, self.zone)

    def persons(self, connection: duckdb.DuckDBPyConnection) -> str:
        """The table of the persons whom this run has keyed: `ref_type`, `ref`, `key`, `key_id`; emptied when it grows long."""
        name = f"persons_{self.partition}"
        columns = "ref_type varchar, ref varchar, key varchar, key_id varchar"
        connection.execute(f"create table if not exists {name} ({columns})")
        if scalar(connection, f"select count(*) from {name}") > MOST_PERSONS:
            connection.execute(f"create or replace table {name} ({columns})")
        return name

    def expect_to_compare(self, source: Source, files: int = 1) -> None:
        """Get ready to compare more files of a source with what has landed, once that pays.

        From the fourth file on the event ids of landed files are kept in memory, as hashes.
        """
        place = (source.log, source.namespace)
        before = self._compared.get(place, 0)
        self._compared[place] = before + files
        if before < REMEMBER_AFTER:
            return
        for stored in self.zone.stored(*place):
            if stored.path not in self._remembered:
                ids = f"select 0 as file, hash(event_id) as id from read_parquet({literal(str(stored.path))})"
                self.remember_ids(self.database, ids, [stored.path])

    def remember_ids(self, connection: duckdb.DuckDBPyConnection, ids: str, files: Sequence[Path | None]) -> None:
        """Keep the ids of landed files in memory without reading these.

        Args:
            connection: knows the relations of the query.
            ids: a query for the place of a file among `files`, `file`, and for the hash of one of its ids, `id`.
            files: the landed files; None for one that has no row.
        """
        first = self._files_remembered
        self._files_remembered += len(files)
        connection.execute(f"create table if not exists {self._memory} (file integer, id ubigint)")
        connection.execute(f"insert into {self._memory} select {first} + file, id from ({ids})")
        self._remembered |= {path: first + place for place, path in enumerate(files) if path is not None}

    def meeting(self, connection: duckdb.DuckDBPyConnection, ids: str, files: Sequence[StoredFile]) -> list[StoredFile]:
        """Those of the files that may hold one of the hashes of ids of a relation; all that are not remembered among them."""
        if not self._remembered:
            return list(files)
        found = connection.execute(f"select distinct file from {self._memory} where id in (select id from {ids})").fetchall()
        met = {None, *(int(number) for (number,) in found)}
        return [one for one in files if self._remembered.get(one.path) in met]


@contextmanager
def landing_run(settings: Settings, ledger: Ledger, now: datetime) -> Iterator[Run]:
    """Begin a run: read the keys, clean up after a killed one, open the database.

    Raises:
        ConfigError: a pseudonym key can't be used, or one of the landed rows is missing.
    """
    keyring = load_keyring(settings.keys.pseudonym).without(forgotten(ledger))
    zone = Zone(settings.home, ledger)
    require_held(keyring, zone, ledger)
    clear_spill(settings)
    clear_incoming(settings.home / "landing")
    remove_temporary_files(settings.home)
    try:
        with sandbox_database(settings) as database:
            yield Run(settings, ledger, keyring, now, zone, database, LedgerSequencer(ledger))
    finally:
        remove_temporary_files(settings.home)
