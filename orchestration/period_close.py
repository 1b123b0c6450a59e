"""The close of a period: a snapshot as of its end from all that has landed, and its bundles as drafts.

Here: which periods close at a tick, and the stages of closing one, as plain functions. Not here: Dagster
(orchestration/defs/period_close.py), or what a bundle holds (promisekept/evidence). A close is idempotent: a second one finds
the snapshot of the same content, and its bundles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from expectations import worker
from orchestration import pipeline
from orchestration.compiling import compiled_project
from promisekept.config.settings import Settings
from promisekept.errors import PromisekeptError, PublishingError
from promisekept.evidence.export import ExportedBundle, Exporter, export
from promisekept.evidence.scope import Scope, ScopePeriod, read_period
from promisekept.policy import Pack
from promisekept.publishing import export_log
from promisekept.publishing.reader import open_current
from promisekept.publishing.store import SnapshotStore
from promisekept.sources.zone.keys import load_key

WHO, ROLE = "period close", "schedule"


@dataclass(frozen=True, slots=True)
class SnapshotAsOf:
    """The snapshot as of an instant; `stood` where it had been published before. No id: the gate rejected it."""

    id: str | None
    stood: bool


def month_before(tick: datetime, time_zone: str) -> ScopePeriod:
    """The month that is over at a tick, in the organisation's zone."""
    last = tick.astimezone(ZoneInfo(time_zone)).date().replace(day=1) - timedelta(days=1)
    return read_period(f"{last:%Y-%m}")


def closes_with(month: ScopePeriod) -> Iterator[ScopePeriod]:
    """The periods that end with a month: itself, and its quarter and year where it is the last one of them."""
    last = month.end - timedelta(days=1)
    for code in (month.code, f"{last:%Y}-Q{(last.month + 2) // 3}", f"{last:%Y}"):
        period = read_period(code)
        if period.end == month.end:
            yield period


def end_of(period: ScopePeriod, time_zone: str) -> datetime:
    """The instant at which a period is over: midnight after its last day, in the organisation's zone."""
    return datetime.combine(period.end, time(), ZoneInfo(time_zone))


def publish_as_of(settings: Settings, pack: Pack, as_of: datetime, now: datetime, *, is_to_be_current: bool) -> SnapshotAsOf:
    """Build as of an instant from everything that has landed, and publish.

    Args:
        settings: whose home; its sources have landed, and its pack is kept.
        pack: the promises.
        as_of: a point-in-time rebuild builds in a database of its own.
        now: the clock of the run.
        is_to_be_current: readers are to see it; otherwise a snapshot of the same content does as well, though it is not current.

    Raises:
        PromisekeptError: a stage failed because of what it was given; nothing was published.
    """
    worker.start()
    stages = pipeline.stages(pipeline.prepare(settings, pipeline.fix_instants(settings, as_of, None), pack))
    stages.do(pipeline.stage)
    stages.do(pipeline.gate_sources)
    stages.do(pipeline.transform)
    candidate, store = stages.do(pipeline.write), SnapshotStore(settings.home)
    standing = None if is_to_be_current else store.standing(candidate)
    if standing is not None:
        store.discard(candidate)
        return SnapshotAsOf(standing.id, stood=True)
    verdict = stages.do(lambda build: pipeline.audit(build, candidate))
    snapshot = pipeline.publish(stages.build, candidate, verdict, now)
    return SnapshotAsOf(snapshot.id if snapshot else None, stood=False)


def give_out(
    settings: Settings, snapshot: str, month: ScopePeriod, now: datetime, report: Callable[[str], None]
) -> tuple[list[ExportedBundle], list[PromisekeptError]]:
    """Make each bundle of `exports:` whose period ends with a month; one that can't be made keeps no other from being made.

    Returns:
        The bundles, and why others could not be made.
    """
    key, models = load_key(settings.keys.pseudonym), compiled_project().models
    bundles, problems = list[ExportedBundle](), list[PromisekeptError]()
    for period in closes_with(month):
        for wanted in (one for one in settings.exports if one.grain == period.grain):
            scope = Scope(snapshot, period, wanted.audience, wanted.regime)
            report(scope.name)
            try:
                exporter, engine = Exporter(WHO, ROLE, now), settings.engine.config
                bundles.append(export(settings.home, scope, key, models, exporter, zipped=wanted.zip, engine=engine))
            except PromisekeptError as error:
                problems.append(error)
    export_log.bind(settings.home, now)
    return bundles, problems


def is_behind(settings: Settings, tick: datetime) -> bool:
    """Whether what readers see is as of an instant before a tick, as it is once a period was closed."""
    try:
        with open_current(settings.home) as snapshot:
            return datetime.fromisoformat(snapshot.manifest["as_of"]) < tick
    except PublishingError:
        return True
