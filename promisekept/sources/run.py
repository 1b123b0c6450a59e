"""One run of landing: what all its files share.

Here: the key, the instant, the landing zone as it grows line by line, the database in which files are landed, and the
memory of event ids that spares opening every landed file for every new one. Not here: what is done with a file (batch.py)
or which files are taken (landing.py, reland.py, quarantine.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.settings import Settings, Source
from promisekept.sources.keys import Key, load_key
from promisekept.sources.ledger import Ledger, Line
from promisekept.sources.sheets import clear_sheets
from promisekept.sources.storage import clear_incoming
from promisekept.sources.turns import Turns
from promisekept.sources.workbench import bench, clear_spill, literal, workbench
from promisekept.sources.zone import Stored, Zone

# The first files of a source are compared with the landed files themselves; from then on their ids are kept in memory.
REMEMBER_AFTER = 3


@dataclass(slots=True)
class Run:
    """A run under the writer lock, which the caller holds. `now` is the `landed_at` of all its rows."""

    settings: Settings
    ledger: Ledger
    key: Key
    now: datetime
    zone: Zone
    database: duckdb.DuckDBPyConnection
    turns: Turns
    lane: int = 0
    _remembered: dict[Path, int] = field(default_factory=dict)
    _number: int | None = None

    @property
    def landing(self) -> Path:
        """The folder of landed files and the ledger."""
        return self.settings.home / "landing"

    @property
    def _memory(self) -> str:
        return f"remembered_{self.lane}"

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
    def bench(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own for one file; its temporary tables go with it."""
        with bench(self.database) as connection:
            yield connection

    def beside(self, lane: int) -> Run:
        """The same run for other logs, in a thread of its own: its files, and its memory of them, are its own."""
        zone = Zone(self.settings.home, self.ledger)
        return Run(self.settings, self.ledger, self.key, self.now, zone, self.database.cursor(), self.turns, lane)

    def number(self) -> int:
        """The line of the ledger that is written next here. A file that fails half way leaves it to what is said of that."""
        if self._number is None:
            self._number = self.turns.take()
        return self._number

    @property
    def owes_a_line(self) -> bool:
        """Whether a line was taken that is not written yet: others may be waiting for it."""
        return self._number is not None

    def record(self, kind: str, body: Mapping[str, Any], content_hash: str) -> Line:
        """Append a ledger line and let the zone know of it.

        Raises:
            AbandonedError: a line that had to come before will never be written.
        """
        line = self.turns.spend(self.number(), lambda: self.ledger.append(kind, body, self.now, content_hash))
        self._number = None
        self.zone.note(line)
        return line

    def remember(self, files: Iterable[Stored]) -> None:
        """Keep the event ids of landed files in memory, as hashes; worth it when several files are to be compared."""
        self.database.execute(f"create table if not exists {self._memory} (file integer, id ubigint)")
        for stored in files:
            if stored.path in self._remembered:
                continue
            number = self._remembered[stored.path] = len(self._remembered)
            self.database.execute(
                f"insert into {self._memory} select {number}, hash(event_id) from read_parquet({literal(str(stored.path))})"
            )

    def meeting(self, connection: duckdb.DuckDBPyConnection, files: Sequence[Stored]) -> list[Stored]:
        """Those of the files that may hold an id of the rows in `typed`; all those that are not remembered among them."""
        numbers = {number: path for path, number in self._remembered.items()}
        wanted = ", ".join(str(self._remembered[one.path]) for one in files if one.path in self._remembered)
        if not wanted:
            return list(files)
        met = connection.execute(
            f"select distinct file from {self._memory} where file in ({wanted}) and id in (select hash(event_id) from typed)"
        ).fetchall()
        paths = {numbers[int(number)] for (number,) in met}
        return [one for one in files if one.path not in self._remembered or one.path in paths]


@contextmanager
def landing_run(settings: Settings, ledger: Ledger, now: datetime) -> Iterator[Run]:
    """Begin a run: read the key, clean up after a killed one, open the database.

    Raises:
        ConfigError: the pseudonym key can't be used.
    """
    key = load_key(settings.keys.pseudonym)
    clear_spill(settings)
    clear_incoming(settings.home / "landing")
    clear_sheets(settings.home)
    try:
        with workbench(settings) as database:
            yield Run(settings, ledger, key, now, Zone(settings.home, ledger), database, Turns(ledger))
    finally:
        clear_sheets(settings.home)
