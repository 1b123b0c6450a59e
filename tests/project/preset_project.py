"""A project made of a preset, and what lands of the files that a test puts into its inboxes.

Here: init, writing files, landing, reading back. Not here: any expectation.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.project import preset, scaffold
from promisekept.sources.landing.land import land
from promisekept.sources.landing.relations import attach
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.zone.ledger import Ledger
from tests.source_project import ask_quarantine

FIRST_RUN = datetime(2026, 7, 1, 6, tzinfo=UTC)


@dataclass
class PresetProject:
    """`promisekept init --preset NAME` in a folder of its own; each landing is a day after the one before."""

    folder: Path
    name: str
    country: str = "IE"
    time_zone: str = "Europe/Dublin"
    now: datetime = FIRST_RUN - timedelta(days=1)

    def __post_init__(self) -> None:
        scaffold(
            self.folder,
            organisation="Example Ltd",
            country=self.country,
            time_zone=self.time_zone,
            preset=preset(self.name),
        )

    @property
    def settings(self) -> Settings:
        """The configuration as it stands."""
        return load_settings(self.folder)

    def answer(self, file: str, old: str, new: str) -> None:
        """Change a line of the project as its owner would."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not contain {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def file(self, inbox: str, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put rows into an inbox, as the name says: CSV or JSON Lines."""
        rows = list(rows)
        path = self.folder / "inbox" / inbox / name
        with path.open("w", encoding="utf-8", newline="") as out:
            if name.endswith(".jsonl"):
                out.writelines(json.dumps(row) + "\n" for row in rows)
                return
            writer = csv.DictWriter(out, list(dict.fromkeys(column for row in rows for column in row)), restval="")
            writer.writeheader()
            writer.writerows(rows)

    def land(self) -> list[Landed]:
        """Land what is new."""
        self.now += timedelta(days=1)
        return land(self.settings, Ledger.open(self.settings.home), self.now)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the relations of the warehouse."""
        settings = self.settings
        ledger = Ledger.open(settings.home)
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            attach(connection, settings, ledger, ledger.seq)
            return connection.execute(sql).fetchall()

    def quarantine(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the quarantine files."""
        return ask_quarantine(self.settings, sql)

    def events(self, log: str = "requests", by: str = "request_id", also: str = "reason_code") -> dict[str, list[str]]:
        """Of each case what landed: `event_type`, and a second column where it has a value, in the order of time."""
        rows = self.query(
            f"select {by}, event_type || coalesce(' ' || {also}, '') from landing.{log} order by {by}, occurred_at, event_type"
        )
        found: dict[str, list[str]] = {}
        for case, event in rows:
            found.setdefault(case, []).append(event)
        return found

    def rejects(self, by: str = "request_id") -> dict[str, list[str]]:
        """Of each case the rejected values: the column and its value."""
        rows = self.quarantine(f"select {by}, column_name || '=' || coalesce(value, 'null') from landing.quarantine order by all")
        found: dict[str, list[str]] = {}
        for case, cell in rows:
            found.setdefault(case, []).append(cell)
        return found
