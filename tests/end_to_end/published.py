"""One run of a world, both gates and the end of a run included."""

from __future__ import annotations

from world import World

from orchestration import pipeline
from orchestration.progress import listening
from promisekept.policy import keep_pack
from promisekept.publishing.store import Snapshot
from promisekept.sources.zone.ledger import Ledger


def run(world: World, as_of: str, sentences: list[str] | None = None) -> Snapshot:
    """Land what is waiting and publish it, as of an instant that is the clock's too.

    Args:
        world: with something to land.
        as_of: see `World.instant`.
        sentences: receives what the run reports as purged.
    """
    now = world.instant(as_of)
    keep_pack(pipeline.read_pack(world.settings), world.settings.home, Ledger.open(world.settings.home), now)
    build = world.prepare(as_of, now=now)
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    candidate = pipeline.write(build)
    verdict = pipeline.audit(build, candidate)
    with listening(lambda stage, what: sentences.append(what) if sentences is not None and stage == "purge" else None):
        snapshot = pipeline.publish(build, candidate, verdict, now)
    assert snapshot is not None, [(suite.suite, check.name) for suite in verdict.suites for check in suite.failed]
    return snapshot
