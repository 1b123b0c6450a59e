"""One run in this process: the Dagster job, unless nothing is new.

Here: what `promisekept run` starts and what it learns from the outcome. Not here: any stage, or what a run without news does
(idle_run.py). The same assets run under `dagster dev`; only the place where Dagster keeps its events differs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import dagster as dg

from expectations import worker
from orchestration import pipeline
from orchestration.idle_run import Landing, run_if_idle
from orchestration.preflight import require_what_needs_no_data
from promisekept.config.loading import load_settings
from promisekept.durable import DISK_FULL, is_disk_full
from promisekept.errors import PromisekeptError, StorageFull
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.store import SnapshotStore


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        published: whether the candidate became current.
        refused: the failed checks, in words, where it did not.
        unchanged: the id of the current snapshot where nothing was new, so that nothing was built.
    """

    published: bool
    refused: tuple[str, ...] = ()
    unchanged: str | None = None


def run_job(config: Path, *, as_of: str = "", known_at: str = "", now: str = "", wait: float = 60) -> RunOutcome:
    """Land, transform, test, gate, publish.

    Args:
        config: promisekept.yml.
        as_of: ISO 8601 with offset, or empty.
        known_at: ISO 8601 with offset, or empty.
        now: the clock of the run, for reproducible homes; empty = the real one.
        wait: seconds to wait for another run.

    Returns:
        What came of it; a rejected candidate is an outcome, not an error.

    Raises:
        PromisekeptError: a stage failed because of what it was given; nothing was published.
    """
    settings = load_settings(config)
    require_what_needs_no_data(settings)
    pack = pipeline.read_pack(settings)  # before Dagster is begun: what needs no data is named at once
    landing: Landing | None = None
    if not _is_remembered_by_dagster():
        began = datetime.fromisoformat(now) if now else pipeline.clock()
        found = run_if_idle(settings, pack, as_of=_instant(as_of), known_at=_instant(known_at), now=began, wait=wait)
        if isinstance(found, Snapshot):
            return RunOutcome(published=True, unchanged=found.id)
        landing = found
        worker.start()
    # These load dbt, which a run with nothing new does without.
    from orchestration.definitions import JOB, build_definitions
    from orchestration.defs.resources import landed_before
    from orchestration.defs.schedules import run_config

    job = build_definitions(config).resolve_job_def(JOB)
    try:
        with instance() as storage, landed_before(landing):
            configuration = run_config(config, as_of=as_of, known_at=known_at, now=now, wait=wait, console="CRITICAL")
            done = job.execute_in_process(run_config=configuration, instance=storage, resources={"io_manager": dg.mem_io_manager})
    except Exception as error:
        if is_disk_full(error):
            raise StorageFull(DISK_FULL) from error
        mendable = _mendable(error)
        if mendable is not None:
            raise mendable from mendable.__cause__
        refused = (SnapshotStore(settings.home).current() or {}).get("refused")
        if not isinstance(error, dg.Failure) or not refused:
            raise
        checks = tuple(f"{check['suite']}: {check['type']} {check['column'] or ''}".rstrip() for check in refused["checks"])
        return RunOutcome(published=False, refused=checks)
    observed = done.asset_observations_for_node("prepared")
    return RunOutcome(published=True, unchanged=str(observed[0].metadata["snapshot"].value) if observed else None)


def instance() -> dg.DagsterInstance:
    """Where Dagster remembers this run: in DAGSTER_HOME if it is set, else nowhere.

    The ledger and the snapshots remember it anyway; writing every event durably takes as long as the rest of a small run.
    """
    return dg.DagsterInstance.get() if _is_remembered_by_dagster() else dg.DagsterInstance.ephemeral()


def _is_remembered_by_dagster() -> bool:
    return bool(os.environ.get("DAGSTER_HOME"))


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _mendable(error: BaseException | None) -> PromisekeptError | None:
    """What a person can mend, out of whatever Dagster wrapped around it."""
    while error is not None and not isinstance(error, PromisekeptError):
        error = error.__cause__
    return error
