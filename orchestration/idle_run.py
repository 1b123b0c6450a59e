"""A run at a terminal that finds nothing new: it lands, says so and ends, without Dagster's job, dbt or Great Expectations.

Here: landing before any of these is loaded, and the end of a run that builds nothing: what time alone changes (purges, alerts,
metrics) happens in it as in any other. Not here: whether anything changed (unchanged.py), or the run that follows where it
did (run.py).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import duckdb

from orchestration import monitoring, pipeline
from orchestration.progress import report
from orchestration.unchanged import Inputs, find_unchanged, is_remembered
from promisekept.config.settings import Settings
from promisekept.durable import DISK_FULL, is_disk_full
from promisekept.errors import StorageFull
from promisekept.monitoring.run_status import Journal, LastRun
from promisekept.policy import Pack
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.publications import Snapshot, newest_published
from promisekept.sources.landing.tasks import Landed


@dataclass(frozen=True)
class Landing:
    """What a run landed before it could know that a build follows.

    Attributes:
        files: what became of each file.
        seconds: how long it took.
    """

    files: list[Landed]
    seconds: float


def run_if_idle(
    settings: Settings, pack: Pack, *, as_of: datetime | None, known_at: datetime | None, now: datetime, wait: float
) -> Snapshot | Landing | None:
    """Land what the sources have; end the run if there is nothing new.

    Args:
        settings: whose home.
        pack: the promises in force.
        as_of: None = when the newest batch landed.
        known_at: None = everything that has landed.
        now: the clock of the run.
        wait: seconds to wait for another run.

    Returns:
        The snapshot that stays current. Where a build has to follow: what has landed for it, or None where nothing was asked of
        the sources, or where landing has to be tried again.

    Raises:
        PromisekeptError: a source can't be read, or another process is writing; the run has failed.
    """
    if newest_published(settings.home) is None:
        return None
    waiting = writer_lock(settings.home, wait, "promisekept run", lambda what: report("wait", what))
    with monitoring.watched(settings, now) as watch, waiting:
        journal = watch.begin(LastRun("", "run", now))
        found: Snapshot | Landing | None = None
        is_over = True
        try:
            found = _land(_Asked(settings, pack, as_of, known_at), now, journal)
            is_over = isinstance(found, Snapshot)
        except (OSError, duckdb.Error) as error:
            if is_disk_full(error):
                raise StorageFull(DISK_FULL) from error
            is_over = False  # the job that follows tries again
        finally:
            if is_over:
                watch.end(journal, published=found is not None or None, is_whole=True)
            else:
                watch.hand_on(journal)
    return found


@dataclass(frozen=True)
class _Asked:
    settings: Settings
    pack: Pack
    as_of: datetime | None
    known_at: datetime | None

    def inputs(self) -> Inputs:
        """What a build would be a function of, as the ledger stands."""
        instants = pipeline.fix_instants(self.settings, self.as_of, self.known_at)
        return Inputs(self.settings, self.pack, instants.as_of, instants.known_at)


def _land(asked: _Asked, now: datetime, journal: Journal | None) -> Snapshot | Landing | None:
    def stage(name: str) -> AbstractContextManager[None]:
        return journal.stage(name) if journal else nullcontext()

    with stage("prepare"):
        if not is_remembered(asked.inputs()):
            return None
    report("land", "looking for what is new")
    began = monotonic()
    with stage("land"):
        files = pipeline.land_sources(asked.settings, now, lambda what: report("land", what))
    landing = Landing(files, monotonic() - began)
    with stage("prepare"):
        snapshot = find_unchanged(asked.inputs())
    if snapshot is None:
        return landing
    with stage("publish"):
        pipeline.conclude(asked.settings, snapshot, now, lambda what: report("purge", what))
    return snapshot
