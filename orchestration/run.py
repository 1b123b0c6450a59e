"""One run in this process, as `promisekept run` starts it: every stage in its order.

Here: the lock of the one writer, the record of the run and its alerts around the stages. Not here: any stage (pipeline.py), or
Dagster, whose assets call the same stages (defs/). Where DAGSTER_HOME is set, Dagster runs them and remembers each event;
elsewhere it would only add its own time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from expectations import worker
from orchestration import monitoring, pipeline
from orchestration.outcome import RunOutcome, failed_checks
from orchestration.preflight import require_what_needs_no_data
from orchestration.progress import PUBLISHING, report
from orchestration.unchanged import Inputs, find_unchanged
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.errors import SystemRefusedError
from promisekept.monitoring.run_status import LastRun
from promisekept.policy import Pack, keep_pack
from promisekept.publishing.lock import writer_lock
from promisekept.sources.zone.ledger import Ledger, checked_once
from promisekept.system_errors import system_problem

Step = Callable[[str], AbstractContextManager[None]]


@checked_once()
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
    pack = pipeline.read_pack(settings)  # what needs no data is named at once
    if os.environ.get("DAGSTER_HOME"):
        from orchestration.dagster_run import run_by_dagster

        return run_by_dagster(settings, as_of=as_of, known_at=known_at, now=now, wait=wait)
    began = _instant(now) or pipeline.clock()
    waiting = writer_lock(settings.home, wait, "promisekept run", lambda what: report("wait", what))
    with monitoring.watched(settings, began) as watch, waiting:
        journal = watch.begin(LastRun("", "run", began))
        step = journal.stage if journal else _untimed
        published = None
        try:
            outcome = _Run(settings, pack, _instant(as_of), _instant(known_at), began, step).do()
            published = outcome.published
        except (OSError, duckdb.Error) as error:
            if (problem := system_problem(error)) is not None:
                raise SystemRefusedError(problem) from error
            raise
        finally:
            watch.end(journal, published, is_whole=True)
    return outcome


@dataclass(frozen=True)
class _Run:
    settings: Settings
    pack: Pack
    as_of: datetime | None
    known_at: datetime | None
    began: datetime
    step: Step

    def do(self) -> RunOutcome:
        """Land, and build what is new."""
        with self.step("land"):
            unread = pipeline.land_sources(self.settings, self.began).unread
        with self.step("prepare"):
            instants = self._instants()
            unchanged = find_unchanged(Inputs(self.settings, self.pack, instants.as_of, instants.known_at), self.began)
        if unchanged is None:
            return replace(self._build(), unread=unread)
        with self.step("publish"):
            pipeline.conclude(self.settings, unchanged, self.began)
        return RunOutcome(published=True, unchanged=unchanged.id, unread=unread)

    def _instants(self) -> pipeline.Instants:
        return pipeline.fix_instants(self.settings, self.as_of, self.known_at)

    def _build(self) -> RunOutcome:
        home = self.settings.home
        worker.start()
        with self.step("prepare"):
            keep_pack(self.pack, home, Ledger.open(home), self.began)  # a line of the ledger, up to which the instants look
            stages = pipeline.stages(pipeline.prepare(self.settings, self._instants(), self.pack))
        with self.step("stage"):
            stages.do(pipeline.stage)
        with self.step("source_gate"):
            stages.do(pipeline.gate_sources)
        with self.step("transform"):
            stages.do(pipeline.transform)
        with self.step("write"):
            candidate = stages.do(pipeline.write)
        with self.step("publish_gate"):
            verdict = stages.do(lambda build: pipeline.audit(build, candidate))
        with self.step("publish"), PUBLISHING:
            snapshot = pipeline.publish(stages.build, candidate, verdict, self.began)
        return RunOutcome(published=snapshot is not None, refused=() if snapshot else failed_checks(home))


def _untimed(_: str) -> AbstractContextManager[None]:
    return nullcontext()


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
