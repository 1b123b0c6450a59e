"""When the job runs by itself: each day, and when a source has delivered.

Here: the schedule and the sensor. The instants of a scheduled run are those of its tick, so that a run that had to
wait, or was retried, judges the same instant.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.pipeline import clock
from promisekept.reading import Files
from promisekept.settings import Settings
from promisekept.sources.files import find_files

Job = Any  # what dg.define_asset_job returns has no public name
RUN_TAG = {"promisekept/kind": "daily"}


def schedules(job: Job, settings: Settings, config: Path) -> list[dg.ScheduleDefinition]:
    """The daily run, in the organisation's zone."""

    @dg.schedule(
        job=job,
        cron_schedule=settings.schedules.daily,
        execution_timezone=settings.organisation.time_zone,
        name="daily_schedule",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        tick = context.scheduled_execution_time.isoformat()
        return dg.RunRequest(run_key=tick, run_config=run_config(config, as_of=tick), tags=RUN_TAG)

    return [daily]


def sensors(job: Job, settings: Settings, config: Path) -> list[dg.SensorDefinition]:
    """A run for each change of what lies in the inboxes: names, sizes and times, no content."""

    @dg.sensor(job=job, minimum_interval_seconds=60, name="new_files")
    def new_files(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        seen = fingerprint(settings, clock())
        if seen == context.cursor:
            yield dg.SkipReason("No source has a new or changed file.")
            return
        context.update_cursor(seen)
        yield dg.RunRequest(run_key=seen, run_config=run_config(config), tags={"promisekept/kind": "new_files"})

    return [new_files]


def fingerprint(settings: Settings, now: datetime) -> str:
    """What lies in the inboxes of all sources, as one hash. Databases and APIs are asked by the daily run alone."""
    listing = [
        (source.name, file.path, file.size, str(file.modified))
        for source in settings.sources
        if isinstance(source.reader, Files)
        for file in find_files(source, now)
    ]
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()


def run_config(config: Path, *, as_of: str = "", known_at: str = "", now: str = "", wait: float = 60) -> dict[str, object]:
    """Dagster's run configuration for one run of the pipeline."""
    values = {"config": str(config), "as_of": as_of, "known_at": known_at, "now": now, "lock_wait_seconds": wait}
    return {
        "resources": {"pipeline_run": {"config": values}},
        "loggers": {"console": {"config": {"log_level": "WARNING"}}},
    }
