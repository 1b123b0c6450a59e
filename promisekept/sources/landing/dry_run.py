"""What landing would make of a source, tried in a throw-away folder.

Here: the newest file of one source taken through landing itself, below a temporary home that is removed again, so that a
dry run can't disagree with the real one. Not here: printing it. Nothing is written below the real home.
"""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from promisekept.config.own_dimensions import KINDS
from promisekept.config.readers import Files, QueriedReader
from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import PromisekeptError
from promisekept.sources.contract import PROVENANCE
from promisekept.sources.extract.files import find_files
from promisekept.sources.landing.control_totals import read_totals
from promisekept.sources.landing.land import land
from promisekept.sources.landing.mapping_failures import MappingFailure
from promisekept.sources.landing.queried_sources import land_queried
from promisekept.sources.landing.run import landing_run
from promisekept.sources.landing.sequences import gaps
from promisekept.sources.landing.tasks import Landed
from promisekept.sources.sandbox import literal
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger

_FIRST_ROWS = 1000
_TELLING_ROWS = 100
_ENDS = {
    "requests": ("fulfilled", "partially_fulfilled", "denied", "withdrawn", "excluded"),
    "retention": ("deleted", "anonymised"),
    "incidents": ("authority_notified", "assessed_no_risk", "closed"),
}
"""By log the events without any of which nothing of it ever ends."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What one file would become.

    Attributes:
        source: its name.
        log: the log that it feeds.
        files: how many finished files the reader finds.
        tried: the file that was taken through landing; None where there is none.
        counts: rows by outcome.
        refused: quarantined rows by reason.
        refused_rows: the first rows of the source with what is wrong, each once, and with how many of its events (`events`); a
            value stands there only where it is nobody's.
        held_back: why the whole file would be rejected, in words.
        events: the first events as they would land, people keyed, columns without a value left out.
        control_total: how much is stated to compare with, in words; None where nobody counts.
        control_problem: why that can't be read.
        sequence: which numbers were found and how many are missing between them, in words.
        doubts: what of the rows that would land makes figures doubtful, each with its remedy.
        declares_due_dates: requests state the due dates of their own system.
    """

    source: str
    log: str
    files: int
    tried: str | None
    counts: Mapping[str, int]
    refused: Mapping[str, int]
    held_back: str | None
    events: tuple[Mapping[str, Any], ...]
    refused_rows: tuple[Mapping[str, Any], ...] = ()
    control_total: str | None = None
    control_problem: str | None = None
    sequence: str | None = None
    doubts: tuple[str, ...] = ()
    declares_due_dates: bool = False

    @property
    def sound(self) -> bool:
        """Whether there is a file, every row of it would land, and what it is compared with can be read."""
        return self.tried is not None and not (self.held_back or self.refused or self.control_problem)


def dry_run(settings: Settings, source: Source, now: datetime, events: int = 3, rejects: int = 10) -> DryRun:
    """Take the newest file of a source through landing and throw the result away.

    Args:
        settings: whose key and folder.
        source: one of `settings.sources`.
        now: the instant of the trial.
        events: how many landed events to show.
        rejects: how many rejected rows to show.

    Raises:
        ConfigError: the pseudonym key can't be used.
        LandingError: the source can't be listed.
    """
    with tempfile.TemporaryDirectory(prefix="promisekept-check-") as folder:
        trial = settings.model_copy(update={"home": Path(folder)})
        alone = source.model_copy(update={"control_total": None, "control_query": None})
        found = _try_file(trial, alone, now) if isinstance(source.reader, Files) else _ask(trial, alone, source.reader, now)
        total, problem = _control_total(trial, source)
        return replace(_outcome(trial, source, found, (events, rejects)), control_total=total, control_problem=problem)


_Found = tuple[int, str | None, Landed | None]
"""How many files there are, what was tried, and what became of it."""


def _try_file(trial: Settings, source: Source, now: datetime) -> _Found:
    """The newest file of a source."""
    found = find_files(source, now)
    if not found:
        return 0, None, None
    newest = max(found, key=lambda file: (str(file.modified), file.path))
    path = newest.path
    if newest.problem is None and Path(path).is_symlink():  # it leads to a file of the inbox, if not of this folder
        path = str(Path(path).resolve())
    only = source.model_copy(update={"reader": source.reader.model_copy(update={"path": glob.escape(path)})})
    (landed,) = land(trial.model_copy(update={"sources": (only,)}), Ledger.open(trial.home), now)
    return len(found), newest.name, landed


def _ask(trial: Settings, source: Source, reader: QueriedReader, now: datetime) -> _Found:
    """The first rows of a source that is asked."""
    backoff = {"retries": min(reader.retries, 1)}
    hasty = source.model_copy(update={"reader": reader.model_copy(update=backoff)})
    with (
        landing_run(trial.model_copy(update={"sources": (hasty,)}), Ledger.open(trial.home), now) as run,
        closing(land_queried(run, hasty, most=_FIRST_ROWS)) as chunks,
    ):
        landed = next(chunks, None)
    return (0, None, None) if landed is None else (1, f"{source.where}, the first rows,", landed)


def _outcome(trial: Settings, source: Source, found: _Found, shown: tuple[int, int]) -> DryRun:
    files, tried, landed = found
    events, rejects = shown
    if landed is None:
        return DryRun(source.name, source.log, files, None, {}, {}, None, ())
    ledger = Ledger.open(trial.home)
    zone = Zone(trial.home, ledger)
    rejected_file = f"{landed.held_back}: {landed.says}" if landed.held_back else None
    first = _first(zone, source.log, events)
    return DryRun(
        source.name,
        source.log,
        files,
        tried,
        landed.counts,
        landed.quarantined,
        rejected_file,
        first,
        _rejects(zone, landed.failures, rejects),
        sequence=_sequence(zone),
        doubts=(*_doubts(zone, source, landed.counts, files), *_missing_dimensions(zone, trial, source.log, landed.counts)),
        declares_due_dates=source.log == "requests" and _count(zone, "requests", "regime_code = 'DECLARED'") > 0,
    )


def _doubts(zone: Zone, source: Source, counts: Mapping[str, int], files: int) -> Iterator[str]:
    log = source.log
    if source.time_zone is not None and (twice := _count(zone, log, _happens_twice(source.time_zone))):
        yield (
            f"{twice:,} time(s) lie in the hour that comes twice when the clocks of {source.time_zone} go back, and are taken as"
            " its first: where the source knows which, let the mapping yield times with an offset"
        )
    if conflicting := counts.get("conflicting", 0):
        yield (
            f"{conflicting:,} row(s) contradict an earlier one with the same event_id, so that neither counts: give each event"
            " an id of its own, or its later version a higher `revision`"
        )
    landed = counts.get("landed", 0)  # of a rejected file nothing did
    # The newest of many small files may well hold beginnings alone.
    is_telling = files == 1 or landed >= _TELLING_ROWS
    if (ends := _ENDS.get(log)) and landed and is_telling and not _count(zone, log, f"event_type in {ends}"):
        yield f"no row is {' or '.join(ends)}, so that everything counts as open: map the day of the end to one of them"


def _missing_dimensions(zone: Zone, trial: Settings, log: str, counts: Mapping[str, int]) -> Iterator[str]:
    """A dimension of one's own that no row states: probably its column has another name."""
    if not counts.get("landed", 0):
        return
    for name, column in trial.dimensions.columns(log):
        if not _count(zone, log, f"dimensions ->> {literal(name)} is not null"):
            yield (
                f"no row states the dimension {name}: deliver it in a column `{column}`, or name another one in"
                f" dimensions.{KINDS[log]}.{name}.column"
            )


def _happens_twice(time_zone: str) -> str:
    """SQL condition: the local time of an instant comes again an hour later."""
    name = literal(time_zone)
    return f"timezone({name}, occurred_at) = timezone({name}, occurred_at + interval 1 hour)"


def _count(zone: Zone, log: str, condition: str) -> int:
    files = [literal(str(stored.path)) for stored in zone.stored(log)]
    if not files:
        return 0
    with duckdb.connect() as connection:
        query = f"select count(*) from read_parquet([{', '.join(files)}]) where {condition}"
        return int(connection.execute(query).fetchall()[0][0])


def _control_total(trial: Settings, source: Source) -> tuple[str | None, str | None]:
    """What is stated, in words, and why that can't be read."""
    try:
        totals = read_totals(trial, source)
    except PromisekeptError as error:
        return None, str(error)
    return (None if totals is None else totals.summary), None


def _sequence(zone: Zone) -> str | None:
    for batch in zone.active():
        if (sequence := batch.body.get("sequence")) is not None and sequence["stretches"]:
            (first, _), (_, last) = sequence["stretches"][0], sequence["stretches"][-1]
            missing = sum(gap.missing for gap in gaps([batch]))
            without = f", {sequence['unreadable']:,} rows without a number" if sequence["unreadable"] else ""
            return f"{sequence['column']} from {first} to {last}, {missing:,} missing{without}"
    return None


def _rejects(zone: Zone, failures: Iterable[MappingFailure], most: int) -> tuple[Mapping[str, Any], ...]:
    """The first rejects; where the mapping raised, with its column and the shape of the value, which quarantine does not keep."""
    explained = {one.row: {"column_name": one.column, "value": one.says} for one in failures}
    names = ("row_number", "reason", "column_name", "value")
    rows: list[tuple[Any, ...]] = []
    for file, _ in zone.reject_files():
        with duckdb.connect() as connection:
            rows += connection.execute(
                f"select {', '.join(names)}, count(*) from read_parquet({literal(str(zone.landing / file))})"
                " group by all order by all limit ?",
                [most],
            ).fetchall()
    found = [dict(zip((*names, "events"), row, strict=True)) for row in rows]
    return tuple(one | explained.get(one["row_number"], {}) if one["reason"] == "mapping_failed" else one for one in found)


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
