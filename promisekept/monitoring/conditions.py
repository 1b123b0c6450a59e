"""The conditions of the pipeline at an instant, each with its state: good or bad.

Here: evaluating them from the ledger, the published snapshot, the pointer and the last run. Not here: what changed since the last
alert (alerts.py). A condition holds codes, ids of controls, names of sources and counts; nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from promisekept.config.settings import Settings
from promisekept.config.source import Source
from promisekept.errors import PublishingError
from promisekept.monitoring.run_status import LastRun, look_after
from promisekept.presentation import formats
from promisekept.presentation.statuses import VERDICTS
from promisekept.publishing.reader import open_current, read_current
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.ledger import Ledger, LedgerError

KINDS = ("run", "punctuality", "publication", "freshness", "held_back", "control", "channel")
"""In the order in which they are sent."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing and its state.

    Attributes:
        kind: one of KINDS.
        subject: the source, control or channel that it is about; empty where there is only one.
        state: a code; another one is a change.
        is_bad: whether people are notified when it begins, and again when it ends.
        says: the state in a sentence, without a value from any log.
    """

    kind: str
    subject: str
    state: str
    is_bad: bool
    says: str

    @property
    def key(self) -> str:
        """Its name in the state of alerting."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


def conditions(settings: Settings, at: datetime, tick: datetime | None = None) -> list[Condition]:
    """All conditions at an instant.

    Args:
        settings: whose home.
        at: the instant at which freshness and lateness are evaluated.
        tick: when a daily run was due last, `late_after` before `at`; None = lateness is not evaluated.

    Returns:
        Those that can be evaluated: none of a pointer, a snapshot or a ledger that is damaged, on which the run itself fails.
    """
    last = look_after(settings.home)
    found = [*_run(last), *_punctuality(last, tick, settings)]
    with suppress(PublishingError):
        found += _publication(settings)
    with suppress(LedgerError):
        ledger = Ledger.open(settings.home)
        found += [_freshness(source, delivery(ledger, source.name), at) for source in settings.sources if source.expect]
        found += _rejected_files(settings, ledger)
    with suppress(PublishingError):
        found += _controls(settings)
    return found


def delivery(ledger: Ledger, source: str) -> datetime | None:
    """When a source delivered last: a batch that was landed again is as old as its first landing."""
    landed = (
        line.at
        for line in ledger.lines("batch")
        if line.body["source"] == source and not line.body["supersedes"] and not line.body["retries"]
    )
    return max(landed, default=None)


def expected_by(source: Source, delivered: datetime | None) -> datetime | None:
    """When the next delivery of a source is due at the latest; None where nothing is expected or nothing came yet."""
    if source.expect is None or delivered is None:
        return None
    due: datetime = delivered + source.expect.every + source.expect.grace
    return due


def freshness(source: Source, delivered: datetime | None, at: datetime) -> str:
    """`fresh`, `stale`, or `unknown` where nothing is expected: as `audit_sources` has it, at any instant."""
    if source.expect is None:
        return "unknown"
    due = expected_by(source, delivered)
    return "stale" if due is None or due < at else "fresh"


def _run(last: LastRun | None) -> Iterator[Condition]:
    if last is None or last.outcome == "running":
        return
    if last.outcome == "killed":
        yield Condition("run", "", "killed", True, f"The {last.kind} run was killed in stage `{last.stage or 'start'}`.")
    elif last.outcome == "failed":
        message = f"The {last.kind} run failed in stage `{last.stage or 'start'}` ({last.error or 'error'})."
        yield Condition("run", "", "failed", True, message)
    else:
        yield Condition("run", "", "ended", False, "The last run came to its end.")


def _punctuality(last: LastRun | None, tick: datetime | None, settings: Settings) -> Iterator[Condition]:
    if tick is None:
        return
    came = last is not None and last.began >= tick
    if came and last is not None and last.outcome != "running":
        yield Condition("punctuality", "", "on_time", False, "The daily run has come.")
        return
    hours = f"{settings.alerts.late_after.total_seconds() / 3600:g} h"
    what = "is still running" if came else "has not begun"
    yield Condition("punctuality", "", "late", True, f"The daily run {what} {hours} after its time.")


def _publication(settings: Settings) -> Iterator[Condition]:
    record = read_current(settings.home)
    if record is None:
        return
    rejection = record["refused"]
    if rejection:
        stays = "the last good snapshot stays" if record["snapshot"] else "nothing is published yet"
        message = f"The publish gate rejected the run: {rejection['failed']} of {rejection['declared']} checks failed; {stays}."
        yield Condition("publication", "", "refused", True, message)
    else:
        yield Condition("publication", "", "published", False, "The publish gate let the last run pass.")


def _freshness(source: Source, delivered: datetime | None, at: datetime) -> Condition:
    state = freshness(source, delivered, at)
    due = expected_by(source, delivered)
    when = f"was due by {_minute(due)}" if due else "has never come"
    message = f"A delivery of `{source.name}` {when}." if state == "stale" else f"`{source.name}` delivers as expected."
    return Condition("freshness", source.name, state, state == "stale", message)


def _rejected_files(settings: Settings, ledger: Ledger) -> Iterator[Condition]:
    zone = Zone(settings.home, ledger)
    sources_of_rejects = [str(line.body["source"]) for line in zone.still_rejected()]
    for source in settings.sources:
        is_unread = source.name in zone.unread_sources
        rejected = sources_of_rejects.count(source.name)
        files = rejected - is_unread
        message = f"Rejected as a whole: {formats.plural(files, 'file')} of `{source.name}`."
        if is_unread:
            message = f"`{source.name}` could not be read." + (f" {message}" if files else "")
        yield Condition("held_back", source.name, f"{files}, not read" if is_unread else str(files), rejected > 0, message)


def _controls(settings: Settings) -> Iterator[Condition]:
    of_today = "select control_id, status, breaches from marts.fct_control_status where period_grain = 'to_date' order by all"
    with open_current(settings.home) as snapshot:
        rows = snapshot.cursor().execute(of_today).fetchall()
    for control, status, breaches in rows:
        counted = f", {breaches:,} single cases against it" if status == "missed" and breaches else ""
        message = f"Control {control}: {VERDICTS[status].text.lower()}{counted}."
        yield Condition("control", control, status, status == "missed", message)


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
