"""What a run would publish at an instant, as one hash for each mart.

Here: landing the waiting deliveries and building everything, incrementally or from landing alone. Not here: what arrives, or what
should be equal.
"""

from __future__ import annotations

import shutil
from datetime import datetime

from world import World

from orchestration import pipeline
from promisekept.publishing.store import SnapshotStore


def published_hashes(world: World, as_of: datetime, now: datetime) -> dict[str, str]:
    """The content hash of every mart at an instant, as a daily run would publish them."""
    world.deliver()
    pipeline.land_sources(world.settings, now)
    instants = pipeline.fix_instants(world.settings, as_of, None)
    build = pipeline.prepare(world.settings, instants, pipeline.read_pack(world.settings))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    candidate = pipeline.write(build)
    SnapshotStore(build.settings.home).discard(candidate)
    return {name: table.hash for name, table in candidate.tables.items()}


def rebuilt(world: World, as_of: datetime, now: datetime) -> dict[str, str]:
    """The same from landing alone: the build databases are deleted first."""
    (world.settings.home / "warehouse.duckdb").unlink(missing_ok=True)
    shutil.rmtree(world.settings.home / "look_back", ignore_errors=True)
    return published_hashes(world, as_of, now)
