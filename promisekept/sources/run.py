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

from promisekept.settings import Settings
from promisekept.sources.keys import Key, load_key
from promisekept.sources.ledger import Ledger, Line
from promisekept.sources.storage import clear_incoming
from promisekept.sources.workbench import bench, clear_spill, literal, workbench
from promisekept.sources.zone import Stored, Zone


@dataclass(slots=True)
class Run:
    """A run under the writer lock, which the caller holds. `now` is the `landed_at` of all its rows."""

    settings: Settings
    ledger: Ledger
    key: Key
    now: datetime
    zone: Zone
    database: duckdb.DuckDBPyConnection
    _remembered: dict[Path, int] = field(default_factory=dict)

    @property
    def landing(self) -> Path:
        """The folder of landed files and the ledger."""
        return self.settings.home / "landing"

    @contextmanager
    def bench(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own for one file; its temporary tables go with it."""
        with bench(self.database) as connection:
            yield connection

    def record(self, kind: str, body: Mapping[str, Any], content_hash: str) -> Line:
        """Append a ledger line and let the zone know of it."""
        line = self.ledger.append(kind, body, self.now, content_hash)
        self.zone.note(line)
        return line

    def remember(self, files: Iterable[Stored]) -> None:
        """Keep the event ids of landed files in memory, as hashes; worth it when several files are to be compared."""
        for stored in files:
            if stored.path in self._remembered:
                continue
            number = self._remembered[stored.path] = len(self._remembered)
            self.database.execute(
                f"insert into remembered select {number}, hash(event_id) from read_parquet({literal(str(stored.path))})"
            )

    def meeting(self, connection: duckdb.DuckDBPyConnection, files: Sequence[Stored]) -> list[Stored]:
        """Those of the files that may hold an id of the rows in `typed`; all those that are not remembered among them."""
        numbers = {number: path for path, number in self._remembered.items()}
        wanted = ", ".join(str(self._remembered[one.path]) for one in files if one.path in self._remembered)
        if not wanted:
            return list(files)
        met = connection.execute(
            f"select distinct file from remembered where file in ({wanted}) and id in (select hash(event_id) from typed)"
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
    with workbench(settings) as database:
        database.execute("create table remembered (file integer, id ubigint)")
        yield Run(settings, ledger, key, now, Zone(settings.home, ledger), database)
