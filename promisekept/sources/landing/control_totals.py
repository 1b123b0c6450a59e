"""Control totals: what somebody else counted, day by day, to be compared with what landed.

Here: reading a CSV of `day,count`, or asking a source's database for the same, and the ledger line that lists which days are
new, other or withdrawn, so that a point-in-time rebuild compares with what was stated then. Not here: the comparison
(fct_source_completeness). A day is one of the organisation's zone, and its count is of the events that happened on it: no
total can predict on which day a row will arrive.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import LandingError
from promisekept.sources.extract.chunk_files import Chunk
from promisekept.sources.extract.cursors import CursorRange, queried_reader
from promisekept.sources.extract.queried import extract_chunks
from promisekept.sources.extract.retry import Backoff, CutOffError
from promisekept.sources.landing.run import Run
from promisekept.sources.sandbox import described, literal
from promisekept.sources.zone.batches import Zone

KIND = "control_total"
_HEADER = ["day", "count"]


@dataclass(frozen=True, slots=True)
class Totals:
    """What was counted for one source, and where that stands."""

    source: str
    path: str
    sha256: str
    days: Mapping[date, int]

    @property
    def summary(self) -> str:
        """How much is stated, in words."""
        if not self.days:
            return "no day is stated"
        return f"{len(self.days)} days from {min(self.days)} to {max(self.days)}"


def read_totals(settings: Settings, source: Source) -> Totals | None:
    """The control totals of a source as they stand; None where it has none.

    Raises:
        ConfigError: a credential of the database can't be had.
        LandingError: the file is malformed, or the database does not answer; the message names line, value and remedy.
    """
    if source.control_query is not None:
        return _asked_for(settings, source, source.control_query)
    if source.control_total is None:
        return None
    file = source.control_total
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise _wrong(source, f"it can't be read ({error.strerror})", "Create it, or remove the key.") from None
    except UnicodeDecodeError:
        raise _wrong(source, "it is not UTF-8", "Save it as UTF-8.") from None
    path = str(file).removeprefix(f"{settings.base}/")
    return Totals(source.name, path, hashlib.sha256(content).hexdigest(), dict(_days(source, text)))


def nothing_stated(source: Source) -> Totals:
    """The totals of a source that has none any more: the days stated before are withdrawn."""
    return Totals(source.name, source.where, hashlib.sha256().hexdigest(), {})


def record_totals(run: Run, totals: Totals) -> bool:
    """Append what the ledger does not state yet; whether there was anything."""
    recorded = {day: stated.count for day, stated in run.zone.totals.get(totals.source, {}).items()}
    changed: dict[str, int | None] = {
        day.isoformat(): count for day, count in sorted(totals.days.items()) if recorded.get(day) != count
    }
    changed |= {day.isoformat(): None for day in sorted(recorded.keys() - totals.days.keys()) if recorded[day] is not None}
    if not changed:
        return False
    body = {"source": totals.source, "origin": {"path": totals.path, "sha256": totals.sha256}, "days": changed}
    run.record(KIND, body, totals.sha256)
    return True


def reaches_over(settings: Settings, zone: Zone, source: Source) -> bool:
    """Whether the totals of a source reach from its first event to its last, or to the day before its newest delivery."""
    stated = [day for day, total in zone.totals.get(source.name, {}).items() if total.count is not None]
    batches = [batch for batch in zone.active() if batch.source == source.name]
    first = [batch.first_event_at for batch in batches if batch.first_event_at is not None]
    last = [batch.last_event_at for batch in batches if batch.last_event_at is not None]
    if not stated or not first:
        return False
    local = settings.organisation.local_day
    arrived = local(max(batch.at for batch in batches)).toordinal()
    return min(stated) <= local(min(first)) and max(stated).toordinal() >= min(local(max(last)).toordinal(), arrived - 1)


def _asked_for(settings: Settings, source: Source, query: str) -> Totals:
    unbounded = {"query": query, "cursor": None, "overlap": timedelta(0), "ignore_columns": ()}
    counting = source.model_copy(update={"reader": queried_reader(source).model_copy(update=unbounded)})
    backoff = Backoff(queried_reader(source).retries)
    while True:
        digest, days = hashlib.sha256(), {}
        try:
            with extract_chunks(settings, counting, CursorRange(), None) as chunks:
                for chunk in chunks:
                    try:
                        digest.update(bytes.fromhex(chunk.found.sha256))
                        days.update(_days_of(source, chunk))
                    finally:
                        chunk.remove()
            return Totals(source.name, f"{source.where} (control_query)", digest.hexdigest(), days)
        except CutOffError as error:
            backoff.wait(error)


def _days_of(source: Source, chunk: Chunk) -> dict[date, int]:
    rows = f"read_parquet({literal(str(chunk.file.here))})"
    with duckdb.connect() as connection:
        names = [name.lower() for name in described(connection, f"(from {rows})")]
        if names != _HEADER:
            raise _wrong(
                source, f"it yields {', '.join(names)}", "Select the day and its number of events:  ... as day, ... as count"
            )
        found = connection.execute(f"select try_cast(day as date), try_cast(count as bigint) from {rows}").fetchall()
    days = {day: count for day, count in found if day is not None and count is not None and count >= 0}
    if len(days) != len(found):
        raise _wrong(source, "it yields a row that is no day with a count, or a day twice", "Group by day, and count from zero.")
    return days


def _days(source: Source, text: str) -> Iterator[tuple[date, int]]:
    rows = csv.reader(text.splitlines())
    header = next(rows, [])
    if [name.strip().lower() for name in header] != _HEADER:
        raise _wrong(source, f"its header of {len(header)} cells is another", "Begin it with  day,count")
    seen: set[date] = set()
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            day, count = row
            found = (date.fromisoformat(day.strip()), int(count))
        except ValueError:
            what = f"line {number} of {len(row)} cells is no day with a count"
            raise _wrong(source, what, "Write a day and a whole number: 2026-03-01,118") from None
        if not 0 <= found[1] < 2**63 or found[0] in seen:
            what = f"line {number} states {found[0]} twice" if found[0] in seen else f"line {number} counts {found[1]}"
            raise _wrong(source, what, f"Each day has one count, of zero to {2**63 - 1:,}.")
        seen.add(found[0])
        yield found


def _wrong(source: Source, what: str, remedy: str) -> LandingError:
    where = "control_query" if source.control_total is None else f"control_total: {source.control_total}"
    return LandingError(f"sources.{source.name}.{where}: {what}.\n  {remedy}")
