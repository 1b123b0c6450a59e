"""The days as of which snapshots are published, as Dagster's partitions: a backfill of past days is Dagster's own.

Here: which days there are, and the instant that a day stands for. Not here: building an earlier instant (pipeline.py). What the
warehouse holds is as of one instant and has no partitions; each published snapshot is as of its own.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from promisekept.config.settings import Settings
from promisekept.errors import ConfigError

PARTITION = "dagster/partition"  # Dagster's tag that names the partition of a run
FIRST = date(2018, 5, 25)  # the day from which the GDPR applies; `promisekept run --as-of` has no such bound


def days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """A partition for each local day of the organisation, today included."""
    return dg.DailyPartitionsDefinition(start_date=FIRST.isoformat(), timezone=settings.organisation.time_zone, end_offset=1)


def day_of(instant: datetime, settings: Settings) -> str:
    """The partition that an instant lies in."""
    return instant.astimezone(ZoneInfo(settings.organisation.time_zone)).date().isoformat()


def as_of(day: str, given: datetime | None, now: datetime, settings: Settings) -> datetime:
    """The instant that a run of one day is computed as of: the one that was given, else the end of the day, or now before that.

    Raises:
        ConfigError: the given instant is on another day, whose snapshot would bear the name of this one.
    """
    zone = ZoneInfo(settings.organisation.time_zone)
    begin, end = (datetime.combine(date.fromisoformat(day) + timedelta(days=after), time(), zone) for after in (0, 1))
    if given is None:
        return min(end, now)
    if not begin <= given <= end:
        raise ConfigError(
            f"as_of: {given.isoformat()} is not on {day}, the partition of this run, in {zone.key}.\n"
            "  Leave as_of out, or launch the partition of its own day."
        )
    return given
