"""A project folder with one source, to drop files into: what matters in a test stands in the test.

Here: writing configuration and files, landing, and reading back what landed. Not here: any expectation.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.sources.landing.land import land
from promisekept.sources.landing.quarantine_relation import attach_quarantine
from promisekept.sources.landing.relations import attach
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.keys import Key, create_key, load_key
from promisekept.sources.zone.ledger import Ledger

NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)
RECEIVED = {
    "event_id": "e1",
    "occurred_at": "2026-03-10T10:00:00Z",
    "subject_ref": "jane@example.org",
    "subject_ref_type": "email",
    "request_id": "r1",
    "right_type": "access",
    "event_type": "received",
    "jurisdiction": "IE",
    "channel": "email",
}
ANSWERED = {"event_id": "e2", "occurred_at": "2026-03-20T10:00:00Z", "request_id": "r1", "event_type": "fulfilled"}
STATUSES = """
select _row, id || ':' || status || ':' || _changed_at as event_id, id as request_id,
       case status when 'open' then 'acknowledged' when 'done' then 'fulfilled' else status end as event_type,
       _changed_at as occurred_at
from source where _change <> 'same'
"""
COMPARED = {"kind": "snapshot", "key": ["id"], "watch": ["status"]}
"""How a table without a history becomes one: snapshots of it are compared by id and status."""


def received(**changes: Any) -> dict[str, Any]:
    """A valid first event; what a test is about is changed by name."""
    return RECEIVED | changes


def answered(**changes: Any) -> dict[str, Any]:
    """A valid last event."""
    return ANSWERED | changes


def as_csv(rows: Iterable[Mapping[str, Any]], end: str = "\n") -> str:
    """Rows as CSV under the union of their columns."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator=end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def ask_quarantine(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Ask the quarantine files of a home, with the values that no warehouse holds."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; create schema landing")
        attach_quarantine(connection, Zone(settings.home, Ledger.open(settings.home)))
        return connection.execute(sql).fetchall()


@dataclass
class Project:
    """One home, one key, one or more sources named `helpdesk`, `helpdesk2`..."""

    folder: Path
    sources: list[dict[str, Any]] = field(default_factory=list)
    now: datetime = NOW

    def __post_init__(self) -> None:
        create_key(self.folder / "pseudonym.key")
        (self.folder / "inbox").mkdir()

    def source(self, name: str = "helpdesk", log: str = "requests", path: str = "inbox/*", **keys: Any) -> Project:
        """Declare or redeclare a source."""
        reader = {"kind": "files", "path": path} | keys.pop("reader", {})
        self.sources = [one for one in self.sources if one["name"] != name]
        self.sources.append({"name": name, "log": log, "reader": reader, **keys})
        return self

    def mapping(self, sql: str, **keys: Any) -> Project:
        """Declare the source with a mapping."""
        (self.folder / "map.sql").write_text(sql)
        return self.source(mapping="map.sql", **keys)

    @property
    def settings(self) -> Settings:
        """The configuration as it stands."""
        if not self.sources:
            self.source()
        file = self.folder / "promisekept.yml"
        organisation = {"name": "Example Ltd", "country": "IE", "time_zone": "Europe/Dublin"}
        keys = {"pseudonym": "pseudonym.key"}
        file.write_text(
            json.dumps({"organisation": organisation, "home": "home", "pack": "pack", "keys": keys, "sources": self.sources})
        )
        return load_settings(file)

    @property
    def ledger(self) -> Ledger:
        """The ledger as it lies on disk."""
        return Ledger.open(self.folder / "home")

    @property
    def key(self) -> Key:
        """The pseudonym key."""
        return load_key(self.folder / "pseudonym.key")

    def file(self, name: str, content: str | bytes | Iterable[Mapping[str, Any]]) -> Path:
        """Put a file into the inbox: bytes, text, or rows as CSV."""
        if not isinstance(content, str | bytes):
            content = as_csv(content)
        path = self.folder / "inbox" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> list[Landed]:
        """Land what is new, a day after the last time."""
        self.now += timedelta(days=1)
        return land(self.settings, self.ledger, self.now)

    def land_one(self) -> Landed:
        """Land exactly one file."""
        (landed,) = self.land()
        return landed

    def query(self, sql: str, known_seq: int | None = None) -> list[tuple[Any, ...]]:
        """Ask the relations of the warehouse."""
        ledger = self.ledger
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            attach(connection, self.settings, ledger, ledger.seq if known_seq is None else known_seq)
            return connection.execute(sql).fetchall()

    def quarantine(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the quarantine files."""
        return ask_quarantine(self.settings, sql)

    def column(self, name: str, log: str = "requests") -> list[Any]:
        """One column of what landed, in order of landing."""
        return [row[0] for row in self.query(f"select {name} from landing.{log} order by batch_id, row_number, event_id")]

    def rejects(self) -> list[tuple[Any, ...]]:
        """Row number, reason, column and value of each rejected row."""
        return self.quarantine("select row_number, reason, column_name, value from landing.quarantine order by all")
