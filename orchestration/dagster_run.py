"""A run at a terminal that Dagster remembers: its job in this process, with the instance that DAGSTER_HOME names.

Here: starting the job and reading its outcome. Not here: the assets (defs/), or a run without Dagster (run.py).
"""

from __future__ import annotations

import dagster as dg

from orchestration.definitions import JOB, build_definitions
from orchestration.defs.ingest import UNREAD
from orchestration.defs.schedules import run_config
from orchestration.outcome import RunOutcome, failed_checks
from promisekept.config.settings import Settings
from promisekept.errors import PromisekeptError, SystemRefusedError
from promisekept.system_errors import system_problem


def run_by_dagster(settings: Settings, *, as_of: str, known_at: str, now: str, wait: float) -> RunOutcome:
    """Run the job; `orchestration.run.run_job` documents arguments and result."""
    job = build_definitions(settings.config).resolve_job_def(JOB)
    configuration = run_config(settings.config, as_of=as_of, known_at=known_at, now=now, wait=wait, console="CRITICAL")
    try:
        with dg.DagsterInstance.get() as instance:
            done = job.execute_in_process(
                run_config=configuration, instance=instance, resources={"io_manager": dg.mem_io_manager}
            )
    except Exception as error:
        if (problem := system_problem(error)) is not None:
            raise SystemRefusedError(problem) from error
        fixable = _fixable(error)
        if fixable is not None:
            raise fixable from fixable.__cause__
        refused = failed_checks(settings.home)
        if not isinstance(error, dg.Failure) or not refused:
            raise
        return RunOutcome(published=False, refused=refused)
    observed = done.asset_observations_for_node("prepared")
    unchanged = str(observed[0].metadata["snapshot"].value) if observed else None
    return RunOutcome(published=True, unchanged=unchanged, unread=_unread(done))


def _unread(done: dg.ExecuteInProcessResult) -> tuple[str, ...]:
    """What kept sources from being read."""
    landed = done.asset_materializations_for_node("landed_logs")
    return tuple(map(str, landed[0].metadata[UNREAD].value)) if landed else ()  # type: ignore[arg-type]  # a list of texts


def _fixable(error: BaseException | None) -> PromisekeptError | None:
    """What a person can fix, out of whatever Dagster wrapped around it."""
    while error is not None and not isinstance(error, PromisekeptError):
        error = error.__cause__
    return error
