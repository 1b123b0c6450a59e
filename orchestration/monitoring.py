"""Monitoring around a run: its status, its metrics, and its alerts.

Here: in which order, and that none of it ever fails a run. Not here: the conditions (promisekept.monitoring), or
Dagster (orchestration/defs/monitoring.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from promisekept.config.settings import Settings
from promisekept.monitoring.alert_state import Alert
from promisekept.monitoring.alerts import send_alerts
from promisekept.monitoring.openmetrics import write_metrics
from promisekept.monitoring.run_status import Journal, LastRun, Outcome, note_killed, read_last_run

Found = TypeVar("Found")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """Around one run. `ended` is the instant of its end, on its own clock."""

    settings: Settings
    ended: datetime

    def begin(self, run: LastRun) -> Journal | None:
        """Record of a run before this one that it was killed, if it was; then record that this one runs."""
        home = self.settings.home
        if _unharmed("the last run", lambda: note_killed(home)):
            _unharmed("alerts", lambda: look(self.settings, run.began))
        return _unharmed("the record of the run", lambda: Journal(home, run))

    def end(self, journal: Journal | None, published: bool | None, *, is_whole: bool) -> None:
        """Write down how it ended, and the figures; `published` is None where it did not come so far."""
        outcome: Outcome | None = "failed" if is_whole else None
        if published is not None:
            outcome = "published" if published else "refused"
        if journal is not None:
            run = _unharmed("the record of the run", lambda: journal.end(outcome))
            self.ended = run.ended if run and run.ended else self.ended
        _unharmed("metrics", lambda: write_metrics(self.settings, self.ended))


@contextmanager
def watched(settings: Settings, began: datetime) -> Iterator[Watch]:
    """Send alerts on what changed when the block is left and its lock is free again."""
    watch = Watch(settings, began)
    try:
        yield watch
    finally:
        _unharmed("alerts", lambda: look(settings, watch.ended))


def look(settings: Settings, at: datetime) -> tuple[Alert, ...]:
    """Look at everything and send alerts on what changed, also on a run that is late."""
    return send_alerts(settings, at, due_before(settings, at))


def due_before(settings: Settings, at: datetime) -> datetime:
    """The last tick of the daily schedule whose run would be late at an instant if it had not come.

    Where a run has come since all that this can be, the latest of these: whichever it is, the run is not late.
    """
    latest = at - settings.alerts.late_after
    last = read_last_run(settings.home)
    if last is not None and last.outcome != "running" and last.began >= latest:
        return latest
    # It reads the line as the scheduler does, but its import took 0.9 of the 3 seconds of a run with nothing new.
    import dagster as dg

    zone, line = settings.organisation.time_zone, settings.schedules.daily
    ticks = dg.TimeWindowPartitionsDefinition(start="2000-01-01", fmt="%Y-%m-%d", timezone=zone, cron_schedule=line)
    window = ticks.get_prev_partition_window(latest, respect_bounds=False)
    assert window is not None  # noqa: S101 - only bounds would leave none
    return window.end  # the scheduler's own reading of the line


def _unharmed(what: str, do: Callable[[], Found]) -> Found | None:
    try:
        return do()
    except Exception:
        _log.warning("%s could not be written or sent; the run goes on", what, exc_info=True)
        return None
