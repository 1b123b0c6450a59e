"""The close of a period as a job of its own: a point-in-time rebuild is no materialisation of the daily assets."""

from datetime import datetime
from pathlib import Path

import dagster as dg

from orchestration import period_close as closing
from orchestration.defs.ingest import RETRY
from orchestration.defs.resources import KIND, PipelineRun
from orchestration.defs.schedules import ALL_AGAIN, SCHEDULED_WAIT, run_config
from orchestration.progress import report
from promisekept.config.settings import Settings
from promisekept.errors import EvidenceError, LandingError
from promisekept.evidence.scope import read_period

JOB = "period_close"


class Close(dg.Config):
    """Which month is over, and when the job was due.

    Attributes:
        month: such as 2026-09; quarter and year close with their last one.
        due: ISO 8601 with offset: the instant that readers are shown again when the period is closed.
    """

    month: str
    due: str


@dg.op(retry_policy=RETRY)
def publish_period(context: dg.OpExecutionContext, config: Close, pipeline_run: PipelineRun) -> dict[str, str]:
    """A snapshot as of the end of the period, from all that has landed until now: its id, beside the configuration."""
    settings = pipeline_run.settings
    with pipeline_run.stage("land"):
        found = pipeline_run.land()
    if found.unread:  # the bundles of a period are made once: it closes when every source has been read
        raise LandingError("\n".join(found.unread))
    report("close", config.month)
    with pipeline_run.stage("publish_period"):
        as_of = closing.end_of(read_period(config.month), settings.organisation.time_zone)
        pipeline_run.keep_pack()
        published = closing.publish_as_of(settings, pipeline_run.pack, as_of, pipeline_run.began, is_to_be_current=False)
    snapshot = _require_snapshot(pipeline_run, published)
    context.log.info("%s %s %s", config.month, "stood already in" if published.stood else "is published in", snapshot)
    return {"month": config.month, "due": config.due, "snapshot": snapshot}


@dg.op(retry_policy=RETRY, out=dg.Out(dg.Nothing))
def show_today(closed: dict[str, str], pipeline_run: PipelineRun) -> None:
    """What readers saw before: the day on which the job was due, not the end of the period."""
    due, settings = datetime.fromisoformat(closed["due"]), pipeline_run.settings
    if closing.is_behind(settings, due):
        report("today", closed["due"])
        with pipeline_run.stage("show_today"):
            published = closing.publish_as_of(settings, pipeline_run.pack, due, pipeline_run.began, is_to_be_current=True)
        _require_snapshot(pipeline_run, published)


@dg.op(retry_policy=RETRY, ins={"shown": dg.In(dg.Nothing)})
def give_out_period(context: dg.OpExecutionContext, closed: dict[str, str], pipeline_run: PipelineRun) -> None:
    """The bundles of `exports:`, as drafts; whatever lies there already is left as it is."""
    with pipeline_run.stage("export"):
        bundles, problems = closing.give_out(
            pipeline_run.settings,
            closed["snapshot"],
            read_period(closed["month"]),
            pipeline_run.began,
            lambda what: report("export", what),
        )
        for bundle in bundles:
            done = "lay there already" if bundle.was_there else "made, a draft"
            report("export", f"{bundle.path.name}: {done}")
            context.log.info("%s: %s, fingerprint %s", bundle.path.name, done, bundle.fingerprint)
        if problems:
            raise EvidenceError("\n".join(map(str, problems)))


@dg.job(
    name=JOB,
    executor_def=dg.in_process_executor,
    tags=ALL_AGAIN,
    description="Publish the month as of its end, then today again, and export its bundles as drafts.",
)
def period_close() -> None:
    """The three in order: readers wait for no bundle."""
    closed = publish_period()
    give_out_period(closed, shown=show_today(closed))


def closing_schedule(settings: Settings, config: Path) -> dg.ScheduleDefinition:
    """After each month, in the organisation's zone."""

    @dg.schedule(
        job=period_close,
        cron_schedule=settings.schedules.period_close,
        execution_timezone=settings.organisation.time_zone,
        name="period_close_schedule",
    )
    def after_each_month(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        tick = context.scheduled_execution_time
        month = closing.month_before(tick, settings.organisation.time_zone)
        return dg.RunRequest(run_key=tick.isoformat(), run_config=close_config(config, month.code, tick), tags={KIND: JOB})

    return after_each_month


def close_config(config: Path, month: str, due: datetime, *, now: str = "", wait: float = SCHEDULED_WAIT) -> dict[str, object]:
    """Dagster's run configuration for the close of one month."""
    close = {"month": month, "due": due.isoformat()}
    return run_config(config, now=now, wait=wait) | {"ops": {"publish_period": {"config": close}}}


def _require_snapshot(pipeline_run: PipelineRun, published: closing.SnapshotAsOf) -> str:
    pipeline_run.note(published.id)
    if published.id is None:
        raise dg.Failure("The publish gate rejected the candidate; the last good snapshot is still current.", allow_retries=False)
    return published.id
