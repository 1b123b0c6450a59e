"""Random requests that arrive in pieces, in any order, over many incremental builds.

On each day the oracle, given only what has arrived by then, agrees with the product, which recomputes only changed keys.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from comparison import disagreements, land_cases
from random_cases import Case, generate, strange_law, strange_world
from world import DEADLINES, LONG_AFTER, Report

FIRST = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
DAYS, LOOKED_BACK_AT = 8, 5


@pytest.mark.slow
def test_each_daily_build_agrees_with_the_oracle_and_can_be_seen_again_later(tmp_path):
    world = strange_world(tmp_path / "world")
    law = strange_law(tmp_path / "world")
    landed_cases = land_cases(world, generate(300, FIRST, law))
    place_of = {request_id: case.jurisdiction for request_id, case in landed_cases.items()}
    waiting = [(request_id, row) for request_id, request in world.requests.items() for row in request.events]
    world.events.clear()
    Random(20260227).shuffle(waiting)
    arrived: dict[str, list[dict]] = {}
    for day in range(DAYS):
        today = [] if day == 4 else waiting[day::DAYS]  # one day without any delivery
        landing = LONG_AFTER + timedelta(days=day)
        for request_id, row in today:
            arrived.setdefault(request_id, []).append(row | {"delivered_at": landing if day else None})
        world.deliver(row for _, row in today)
        as_of = FIRST + timedelta(days=day)
        build, report = world.carry_on(as_of, only=DEADLINES, now=landing)
        assert build.full_refresh == (day == 0)
        if day == LOOKED_BACK_AT:
            that_day = (as_of, build.instants.known_at, published(build.outgoing))
        cases = {request_id: Case(place_of[request_id], tuple(rows)) for request_id, rows in arrived.items()}
        found = disagreements(cases, report, law, as_of)
        assert not found, f"day {day}: {len(found)} of {len(cases)}\n{min(found, key=lambda it: len(it.case.events))}"
    as_of, known_at, verdicts = that_day
    assert published(world.run(as_of, known_at=known_at, only=DEADLINES).marts) == verdicts


def published(marts: Path) -> list[tuple[object, ...]]:
    """Every row of the requests mart, in order."""
    return sorted((tuple(row.values()) for row in Report(marts).table("fct_requests")), key=str)
