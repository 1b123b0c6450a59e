"""The run itself as a resource: its settings, its instants, and the lock of the one writer.

Here: what every asset of a run shares. The lock is held from the first step to the last and belongs to the operating
system, so that it is free again when its holder dies, however it dies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from orchestration import pipeline
from orchestration.progress import tell
from promisekept.errors import PromisekeptError
from promisekept.policy import Pack, keep_pack
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.lock import writer_lock
from promisekept.publishing.store import Snapshot
from promisekept.publishing.verdict import SuiteResult, Verdict
from promisekept.settings import Settings, load_settings
from promisekept.sources.ledger import Ledger


class PipelineRun(dg.ConfigurableResource):
    """Where the configuration lies and the instants that were asked for.

    Attributes:
        config: path of promisekept.yml.
        as_of: ISO 8601 with offset; empty = when the newest batch landed.
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
    _build: pipeline.Build | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["PipelineRun"]:
        del context
        self._began = _instant(self.now) or pipeline.clock()
        with writer_lock(self.settings.home, self.lock_wait_seconds, "promisekept run", lambda what: tell("wait", what)):
            yield self

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

    def prepare(self) -> pipeline.Build:
        """Keep the pack that judges, fix the instants and begin the build."""
        keep_pack(self.pack, self.settings.home, Ledger.open(self.settings.home), self.began)
        instants = pipeline.fix_instants(self.settings, _instant(self.as_of), _instant(self.known_at))
        self._build = pipeline.prepare(self.settings, instants, self.pack)
        return self._build

    @property
    def build(self) -> pipeline.Build:
        """The build that this run prepared; a step that runs alone prepares it."""
        return self._build or self.prepare()

    @cached_property
    def source_results(self) -> list[SuiteResult]:
        """The source gate's results, computed once."""
        return pipeline.gate_sources(self.build)

    @cached_property
    def candidate(self) -> Candidate:
        """The finished candidate, written once."""
        return pipeline.write(self.build)

    @cached_property
    def verdict(self) -> Verdict:
        """The publish gate's verdict on the candidate, computed once."""
        return pipeline.audit(self.build, self.candidate)

    def publish(self) -> Snapshot | None:
        """Make the candidate current if its verdict allows it."""
        return pipeline.publish(self.build, self.candidate, self.verdict, self.began, lambda what: tell("let go", what))


@contextmanager
def told_once() -> Iterator[None]:
    """Let a step fail at once where only a person can mend the cause; everything else is worth another try."""
    try:
        yield
    except PromisekeptError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
