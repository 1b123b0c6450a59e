"""Random requests with corrected, repeated and conflicting rows: the oracle, given only the rows that count, agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from comparison import disagreements, land_cases
from random_cases import Case, generate, strange_law, strange_world
from world import DEADLINES, LONG_AFTER

AS_OF = datetime(2026, 3, 9, 5, 0, tzinfo=UTC)
PARTS = 4


def landing(part: int) -> datetime | None:
    """When a part landed; the first day of a source proves nothing about when its rows were recorded."""
    return LONG_AFTER + timedelta(days=part) if part else None


def otherwise(row: dict[str, Any], dice: Random) -> dict[str, Any]:
    """The same event with another content: at another time, or of another kind."""
    at = datetime.fromisoformat(row["occurred_at"]) + timedelta(days=dice.choice((-9, -1, 1, 40)))
    other = "acknowledged" if row["event_type"] != "acknowledged" else "stop_lifted"
    return row | dice.choice(({"occurred_at": at.isoformat()}, {"event_type": other}, {"recorded_at": at.isoformat()}))


def versions(row: dict[str, Any], dice: Random) -> tuple[list[dict[str, Any]], bool]:
    """What is delivered in place of a row, and whether the row still counts."""
    wrong = otherwise(row, dice)
    return dice.choice(
        (
            ([row, dict(row)], True),
            ([wrong, row | {"revision": 3}], True),
            ([row | {"revision": 9}, wrong | {"revision": 4}, wrong], True),
            ([wrong, otherwise(row, dice) | {"revision": 1}, row | {"revision": 2}], True),
            ([row, wrong, row | {"revision": 1}], True),
            ([row, wrong], False),
            ([row | {"revision": 2}, wrong | {"revision": 2}, row], False),
        )
    )


@pytest.mark.slow
def test_the_highest_revision_counts_and_a_contradiction_counts_for_nothing(tmp_path):
    world = strange_world(tmp_path / "world")
    law = strange_law(tmp_path / "world")
    landed_cases = land_cases(world, generate(700, AS_OF, law))
    dice, delivered, cases = Random(20260309), [], {}
    for request_id, request in world.requests.items():
        kept = []
        for row in request.events:
            rows, counts = versions(row, dice) if dice.random() < 0.2 else ([row], True)
            delivered += rows
            kept += [row] if counts else []
        cases[request_id] = Case(landed_cases[request_id].jurisdiction, tuple(kept))
    world.events.clear()
    dice.shuffle(delivered)
    part_of: dict[str, tuple[int, int]] = {}  # of each event: its highest revision, and where that came first
    for place, row in enumerate(delivered):
        known = (row.get("revision", 0), -(place % PARTS))
        part_of[row["event_id"]] = max(part_of.get(row["event_id"], known), known)
    for request_id, case in cases.items():
        rows = [row | {"delivered_at": landing(-part_of[row["event_id"]][1])} for row in case.events]
        cases[request_id] = Case(case.jurisdiction, tuple(rows))
    for part in range(PARTS):
        world.deliver(delivered[part::PARTS])
        world.land(LONG_AFTER + timedelta(days=part))
    found = disagreements(cases, world.run(AS_OF, only=DEADLINES), law, AS_OF)
    assert not found, f"{len(found)} of {len(cases)}\n{min(found, key=lambda it: len(it.case.events))}"
