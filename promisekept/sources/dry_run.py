"""What landing would make of a source, tried in a throw-away folder.

Here: the newest file of one source taken through landing itself, below a temporary home that is removed again, so that a
dry run can't disagree with the real one. Not here: saying it at a terminal. Nothing is written below the real home.
"""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.reading import Files, Pulled
from promisekept.settings import Settings, Source
from promisekept.sources.contract import PROVENANCE
from promisekept.sources.files import find_files
from promisekept.sources.landing import land
from promisekept.sources.ledger import Ledger
from promisekept.sources.pulling.pull import pull
from promisekept.sources.run import landing_run
from promisekept.sources.workbench import literal
from promisekept.sources.zone import Zone

_FIRST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class DryRun:
    """What one file would become.

    Attributes:
        source: its name.
        log: the log that it feeds.
        files: how many finished files the reader finds.
        tried: the file that was taken through landing; None where there is none.
        counts: rows by class.
        refused: quarantined rows by reason.
        held_back: why the whole file would be held back, in words.
        events: the first events as they would land, people keyed, columns without a value left out.
    """

    source: str
    log: str
    files: int
    tried: str | None
    counts: Mapping[str, int]
    refused: Mapping[str, int]
    held_back: str | None
    events: tuple[Mapping[str, Any], ...]

    @property
    def sound(self) -> bool:
        """Whether there is a file and every row of it would land."""
        return self.tried is not None and self.held_back is None and not self.refused


def dry_run(settings: Settings, source: Source, now: datetime, events: int = 3) -> DryRun:
    """Take the newest file of a source through landing and throw the result away.

    Args:
        settings: whose key and folder.
        source: one of `settings.sources`.
        now: the instant of the trial.
        events: how many landed events to show.

    Raises:
        ConfigError: the pseudonym key can't be used.
        LandingError: the source can't be listed.
    """
    if not isinstance(source.reader, Files):
        return _asked(settings, source, source.reader, now, events)
    found = find_files(source, now)
    if not found:
        return DryRun(source.name, source.log, 0, None, {}, {}, None, ())
    newest = max(found, key=lambda file: (str(file.modified), file.path))
    reader = source.reader.model_copy(update={"path": glob.escape(newest.path)})
    only = source.model_copy(update={"reader": reader})
    with tempfile.TemporaryDirectory(prefix="promisekept-check-") as folder:
        trial = settings.model_copy(update={"home": Path(folder), "sources": (only,)})
        ledger = Ledger.open(trial.home)
        (landed,) = land(trial, ledger, now)
        first = _first(Zone(trial.home, ledger), source.log, events)
    held = f"{landed.held_back}: {landed.says}" if landed.held_back else None
    return DryRun(source.name, source.log, len(found), Path(newest.path).name, landed.counts, landed.quarantined, held, first)


def _asked(settings: Settings, source: Source, reader: Pulled, now: datetime, events: int) -> DryRun:
    """The first rows of a source that is asked."""
    with tempfile.TemporaryDirectory(prefix="promisekept-check-") as folder:
        patience = {"retries": min(reader.retries, 1)}
        hasty = source.model_copy(update={"reader": reader.model_copy(update=patience)})
        trial = settings.model_copy(update={"home": Path(folder), "sources": (hasty,)})
        ledger = Ledger.open(trial.home)
        with landing_run(trial, ledger, now) as run, closing(pull(run, hasty, most=_FIRST_ROWS)) as chunks:
            landed = next(chunks, None)
        if landed is None:
            return DryRun(source.name, source.log, 0, None, {}, {}, None, ())
        first = _first(Zone(trial.home, ledger), source.log, events)
    held = f"{landed.held_back}: {landed.says}" if landed.held_back else None
    tried = f"{source.where}, the first rows,"
    return DryRun(source.name, source.log, 1, tried, landed.counts, landed.quarantined, held, first)


def _first(zone: Zone, log: str, events: int) -> tuple[Mapping[str, Any], ...]:
    shown = []
    for stored in zone.stored(log):
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            cursor = connection.execute(
                f"select * from read_parquet({literal(str(stored.path))}) order by row_number, event_id limit ?", [events]
            )
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
        hidden = set(PROVENANCE) - {"row_number"}
        shown += [
            {name: value for name, value in zip(names, row, strict=True) if value is not None and name not in hidden}
            for row in rows
        ]
    return tuple(shown)
