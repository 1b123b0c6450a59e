"""A look every few minutes at what no run can report of itself: that it did not start, or was killed."""

from pathlib import Path

import dagster as dg

from orchestration.monitoring import look
from orchestration.pipeline import clock
from promisekept.config.loading import load_settings
from promisekept.monitoring.run_status import read_last_run

SECONDS = 300


def watch_sensor(config: Path) -> dg.SensorDefinition:
    """Sends alerts on what changed; requests no run."""

    @dg.sensor(name="watch", minimum_interval_seconds=SECONDS)
    def watch(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = load_settings(config)
        alerts = look(settings, clock())
        _give_up_killed(context, settings.home)
        return dg.SkipReason("; ".join(alert.says for alert in alerts) or "Nothing has changed.")

    return watch


def _give_up_killed(context: dg.SensorEvaluationContext, home: Path) -> None:
    """Report to Dagster a run whose process is gone: without its code server the queue would wait for it for hours."""
    run = read_last_run(home)
    if run is None or run.outcome != "killed":
        return
    stored = context.instance.get_run_by_id(run.run_id)
    if stored is not None and stored.status == dg.DagsterRunStatus.STARTED:
        context.instance.report_run_failed(stored, "Its process is gone: nobody holds the lock that it held.")
