"""When something runs by itself: the job each day and when a source has delivered, the digest each morning.

Here: the schedules and the sensor. Not here: the close of a period (period_close.py). The instants of a scheduled run are those
of its tick, so that a run that had to wait, or was retried, is as of the same instant.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.defs.days import day_of
from orchestration.defs.resources import KIND
from orchestration.pipeline import clock
from promisekept.config.loading import load_settings
from promisekept.config.readers import Files
from promisekept.config.settings import Settings
from promisekept.errors import PromisekeptError
from promisekept.monitoring.digests import send_digests
from promisekept.sources.extract.files import SourceFile, find_files_of
from promisekept.sources.extract.object_store import impatient

Job = Any  # what dg.define_asset_job returns has no public name
DIGEST_AT = "0 8 * * *"
SCHEDULED_WAIT = 900.0  # seconds for a run that a person has started; nobody waits for a scheduled one
ALL_AGAIN = {"dagster/retry_strategy": "ALL_STEPS"}  # a run that was killed begins again: its state ended with its process


def schedules(job: Job, settings: Settings, config: Path) -> list[dg.ScheduleDefinition]:
    """The daily run, in the organisation's zone."""

    @dg.schedule(
        job=job,
        cron_schedule=settings.schedules.daily,
        execution_timezone=settings.organisation.time_zone,
        name="daily_schedule",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        tick = context.scheduled_execution_time
        configuration = run_config(config, as_of=tick.isoformat(), wait=SCHEDULED_WAIT)
        day = day_of(tick, settings)
        return dg.RunRequest(run_key=tick.isoformat(), partition_key=day, run_config=configuration, tags={KIND: "daily"})

    return [daily]


def digest_schedule(settings: Settings, config: Path) -> dg.ScheduleDefinition:
    """Each morning, in the organisation's zone: whoever has not had the digest of the last week or month gets it."""

    @dg.op(name="send_digests")
    def send(context: dg.OpExecutionContext) -> None:
        for one in send_digests(load_settings(config), clock()):
            context.log.log("WARNING" if one.error else "INFO", f"Digest {one.window}: {one.error or 'sent'}")

    @dg.job(name="digest", executor_def=dg.in_process_executor, description="Send the digest to its subscribers.")
    def digest() -> None:
        send()

    zone = settings.organisation.time_zone
    return dg.ScheduleDefinition(job=digest, cron_schedule=DIGEST_AT, execution_timezone=zone, name="digest_schedule")


def sensors(job: Job, settings: Settings, config: Path) -> list[dg.SensorDefinition]:
    """A run for each change of what lies in the inboxes: names, sizes and times, no content."""

    @dg.sensor(job=job, minimum_interval_seconds=60, name="new_files")
    def new_files(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        previous = _known(context.cursor)
        inboxes = listing(settings, clock(), previous)
        for warning in inboxes.unlisted.values():
            context.log.warning(warning)
        if inboxes.seen == previous:
            yield dg.SkipReason(f"No source has a new or changed file.{inboxes.without}")
            return
        cursor = json.dumps(inboxes.seen, sort_keys=True)
        context.update_cursor(cursor)
        unlisted = {"promisekept/not_listed": ", ".join(inboxes.unlisted)} if inboxes.unlisted else {}
        tags = {KIND: "new_files", **unlisted}
        configuration = run_config(config, wait=SCHEDULED_WAIT)
        yield dg.RunRequest(run_key=hashlib.sha256(cursor.encode()).hexdigest(), run_config=configuration, tags=tags)

    return [new_files]


@dataclass(frozen=True, slots=True)
class InboxListing:
    """What lies in the inboxes: a hash per source, and what is wrong with those that can't be listed."""

    seen: Mapping[str, str]
    unlisted: Mapping[str, str]

    @property
    def without(self) -> str:
        """A sentence about the sources that can't be listed, if there are any."""
        unlisted = "; ".join(warning.splitlines()[0] for warning in self.unlisted.values())
        return f" Not listed: {unlisted}" if unlisted else ""


def listing(settings: Settings, now: datetime, previous: Mapping[str, str]) -> InboxListing:
    """Look into the inbox of every source that has files, at each for a short time only.

    Args:
        settings: whose sources.
        now: to recognise files that are still being written.
        previous: the hashes of the last look; a source that can't be listed keeps its own, so that it asks for no run, now or
            when it can be listed again with nothing new.
    """
    sources = [source for source in settings.sources if isinstance(source.reader, Files) and source.linking is None]
    found = find_files_of([impatient(source) for source in sources], now)
    unlisted = {name: str(error) for name, error in found.items() if isinstance(error, PromisekeptError)}
    seen = {name: _state(files) for name, files in found.items() if not isinstance(files, PromisekeptError)}
    return InboxListing({name: previous[name] for name in unlisted if name in previous} | seen, unlisted)


def _state(files: Sequence[SourceFile]) -> str:
    states = [(file.path, file.size, file.version or str(file.modified)) for file in files]
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()


def _known(cursor: str | None) -> dict[str, str]:
    try:
        hashes = json.loads(cursor or "{}")
    except ValueError:
        hashes = {}
    return hashes if isinstance(hashes, dict) else {}


def run_config(
    config: Path, *, as_of: str = "", known_at: str = "", now: str = "", wait: float = 60, console: str = "WARNING"
) -> dict[str, object]:
    """Dagster's run configuration for one run of the pipeline; from `console` on Dagster itself writes to the terminal."""
    values = {"config": str(config), "as_of": as_of, "known_at": known_at, "now": now, "lock_wait_seconds": wait}
    return {
        "resources": {"pipeline_run": {"config": values}},
        "loggers": {"console": {"config": {"log_level": console}}},
    }
