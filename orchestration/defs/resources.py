"""The run itself as a resource: its settings, its instants, the lock of the one writer, and the messages of its end.

Here: what every asset of a run shares. The lock is held from the first step to the last and belongs to the operating
system, so that it is free again when its holder dies, however it dies.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from expectations import worker
from orchestration import monitoring, pipeline
from orchestration.damaged_builds import Stages
from orchestration.defs.days import PARTITION, as_of
from orchestration.preflight import require_what_needs_no_data
from orchestration.progress import PUBLISHING, report
from orchestration.spark.faults import DriverEndedError
from orchestration.unchanged import Inputs, find_unchanged
from promisekept.config.loading import load_settings
from promisekept.config.settings import Settings
from promisekept.errors import PromisekeptError, PublishingError
from promisekept.monitoring.run_status import Journal, LastRun
from promisekept.policy import Pack, keep_pack
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.publications import Snapshot
from promisekept.publishing.verdict import Verdict
from promisekept.sources.zone.ledger import Ledger
from promisekept.system_errors import system_problem

KIND = "promisekept/kind"  # the tag that names what asked for a run
PUBLISHED = dg.AssetKey("published_snapshot")
LAST_STEPS = {"published_snapshot", "give_out_period"}


class PipelineRun(dg.ConfigurableResource["PipelineRun"]):
    """Where the configuration lies and the instants that were asked for.

    Attributes:
        config: path of promisekept.yml.
        as_of: ISO 8601 with offset; empty = the end of the run's partition, or without one when the newest batch landed.
        known_at: ISO 8601 with offset; empty = everything that has landed.
        now: ISO 8601 with offset; empty = the clock, read once when the run begins.
        lock_wait_seconds: how long to wait for another run.
    """

    config: str
    as_of: str = ""
    known_at: str = ""
    now: str = ""
    lock_wait_seconds: float = 60

    _began: datetime | None = PrivateAttr(default=None)
    _day: str | None = PrivateAttr(default=None)
    _is_whole: bool = PrivateAttr(default=True)
    _stages: Stages[pipeline.Build] | None = PrivateAttr(default=None)
    _journal: Journal | None = PrivateAttr(default=None)
    _published: bool | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["PipelineRun"]:
        self._began = _instant(self.now) or pipeline.clock()
        run = context.run
        self._day = run.tags.get(PARTITION) if run else None
        self._is_whole = run is None or not _is_part(run)
        kind = (run.tags.get(KIND) if run else None) or "run"
        waiting = writer_lock(self.settings.home, self.lock_wait_seconds, "promisekept run", lambda what: report("wait", what))
        with monitoring.watched(self.settings, self.began) as watch, waiting:
            self._journal = watch.begin(LastRun(run.run_id if run else "", kind, self.began))
            try:
                yield self
            finally:
                watch.end(self._journal, self._published, is_whole=self._is_whole)

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Time a stage of this run, and let it fail at once where only a person can fix the cause."""
        return _fail_without_retry(self._journal.stage(name) if self._journal else nullcontext())

    @cached_property
    def settings(self) -> Settings:
        return load_settings(Path(self.config))

    @cached_property
    def pack(self) -> Pack:
        return pipeline.read_pack(self.settings)

    @property
    def began(self) -> datetime:
        """The clock of this run: what it lands, it lands at this instant."""
        if self._began is None:
            self._began = _instant(self.now) or pipeline.clock()
        return self._began

    def require_ready(self) -> None:
        """Read everything that needs no data, before anything lands: a wrong pack is named at once."""
        require_what_needs_no_data(self.settings)
        _ = self.pack

    def land(self) -> pipeline.Deliveries:
        """What the sources delivered since the last run."""
        self.require_ready()
        return pipeline.land_sources(self.settings, self.began)

    def keep_pack(self) -> None:
        """Keep the pack in force, if it is another one than before."""
        keep_pack(self.pack, self.settings.home, Ledger.open(self.settings.home), self.began)

    def find_unchanged(self) -> Snapshot | None:
        """The current snapshot, if this run would only publish it again; the run then ends here, as one that published it.

        None where somebody asked for some steps only: they are to be done.
        """
        if not self._is_whole:
            return None
        instants = self._instants()
        snapshot = find_unchanged(Inputs(self.settings, self.pack, instants.as_of, instants.known_at), self.began)
        if snapshot is not None:
            pipeline.conclude(self.settings, snapshot, self.began)
            self.note(snapshot)
        return snapshot

    def prepare(self) -> Stages[pipeline.Build]:
        """Keep the pack in force, fix the instants and begin the build."""
        worker.start()
        self.keep_pack()
        self._stages = pipeline.stages(pipeline.prepare(self.settings, self._instants(), self.pack))
        return self._stages

    def _instants(self) -> pipeline.Instants:
        configured = _instant(self.as_of)
        chosen = configured if self._day is None else as_of(self._day, configured, self.began, self.settings)
        return pipeline.fix_instants(self.settings, chosen, _instant(self.known_at))

    @property
    def stages(self) -> Stages[pipeline.Build]:
        """The stages of the build that this run prepared; a step that runs alone prepares it."""
        return self._stages or self.prepare()

    @staticmethod
    def require_written(candidate: Candidate) -> None:
        """A step that is launched alone gets the candidate of an earlier run.

        Raises:
            PublishingError: that one was published, or discarded.
        """
        if not candidate.file.is_file():
            raise PublishingError(
                f"{candidate.file}: the candidate of an earlier run was published or discarded.\n"
                "  Launch `candidate` with all that follows it, or the whole job."
            )

    @property
    def day(self) -> str | None:
        """The partition of this run."""
        return self._day

    def publish(self, candidate: Candidate, verdict: Verdict) -> Snapshot | None:
        """Make the candidate current if its verdict allows it."""
        self.require_written(candidate)
        build = self.stages.build
        with PUBLISHING:
            snapshot = pipeline.publish(build, candidate, verdict, self.began)
            self.note(snapshot)
        return snapshot

    def note(self, snapshot: Snapshot | str | None) -> None:
        """Remember the last outcome of the gate: a snapshot (or its id), or None where it rejected."""
        self._published = snapshot is not None


@contextmanager
def _fail_without_retry(timed: AbstractContextManager[None]) -> Iterator[None]:
    """Retry everything but errors that only a person can fix; not every driver of Spark that ended is one."""
    try:
        with timed:
            yield
    except PromisekeptError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, DriverEndedError)) from error
    except (OSError, duckdb.Error) as error:
        if (problem := system_problem(error)) is None:
            raise
        raise dg.Failure(problem, allow_retries=False) from error


def _is_part(run: dg.DagsterRun) -> bool:
    """Whether somebody asked for some steps only, without the one with which a run ends: no snapshot is to come of it."""
    steps = run.step_keys_to_execute
    if run.asset_selection and PUBLISHED not in run.asset_selection:
        return True
    return steps is not None and not LAST_STEPS & set(steps)


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
