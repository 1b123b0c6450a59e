"""The same events, pack and instants give the same figures, whatever happened in between.

What it protects: a figure that was published can be computed again by anybody, from landing alone. Of requests alone; how rows of
all logs arrive: tests/faults/test_12_rows_in_any_order.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from mart_hashes import published_hashes, rebuilt
from world import World

from promisekept.publishing.store import SnapshotStore

pytestmark = pytest.mark.slow

FIRST_DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLACES = ("IE", "DE", "GB-ENG", "US-CA", "BR", "CA-QC")
ENDS = ("fulfilled", "denied", "partially_fulfilled", "withdrawn", None, None)


def life(world: World, number: int, chance: Random) -> None:
    """One request with questions, an extension, an end and sometimes a reopening, over two months."""
    received = FIRST_DAY + timedelta(hours=chance.randrange(24 * 30))
    request = world.request(f"r{number}", jurisdiction=chance.choice(PLACES), received=received)
    at = received
    for event_type in ("acknowledged", "identity_requested", "identity_verified", "extended", "clarification_requested"):
        at += timedelta(hours=chance.randrange(1, 24 * 8))
        if chance.random() < 0.4:
            request.happened(event_type, at)
    end = chance.choice(ENDS)
    if end:
        reason = {"denied": "exempt", "partially_fulfilled": "third_party_rights"}.get(end)
        request.happened(end, at + timedelta(hours=chance.randrange(24 * 30)), reason_code=reason)
    if end == "fulfilled" and chance.random() < 0.2:
        request.happened("reopened", at + timedelta(days=31))


def populated(folder, seed: int, requests: int = 40) -> World:
    world, chance = World(folder), Random(seed)
    for number in range(requests):
        life(world, number, chance)
    return world


def test_a_deleted_build_database_is_built_again_with_the_same_content(tmp_path):
    world, as_of = populated(tmp_path, seed=1), FIRST_DAY + timedelta(days=60)
    assert published_hashes(world, as_of, as_of) == rebuilt(world, as_of, as_of)


def test_a_look_back_leaves_the_daily_build_where_it_stands(tmp_path):
    world, as_of = populated(tmp_path, seed=3), FIRST_DAY + timedelta(days=60)
    today = published_hashes(world, as_of, as_of)
    before = published_hashes(world, FIRST_DAY + timedelta(days=20), as_of)
    assert before != today
    assert published_hashes(world, as_of, as_of) == today


def test_a_rerun_with_nothing_new_keeps_the_snapshot(tmp_path):
    from orchestration.run import run_job

    world, as_of = populated(tmp_path, seed=4, requests=5), FIRST_DAY + timedelta(days=60)
    world.deliver()
    for _ in range(2):
        assert run_job(tmp_path / "promisekept.yml", as_of=as_of.isoformat(), now=as_of.isoformat()).published
    assert [snapshot.sequence for snapshot in SnapshotStore(world.settings.home).list()] == [1]
