"""Thousands of requests that nobody would invent, judged by the product and by the oracle.

All cases land once; the product is then built for each instant, so that every case is seen young, in the middle and old.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from oracles.law import Law
from random_cases import Case, generate, strange_law, strange_world
from second_opinion import disagreements, shrink, tell
from world import DEADLINES, World

INSTANTS = (
    datetime(2021, 6, 15, 12, 0, tzinfo=UTC),
    datetime(2022, 1, 10, 0, 30, tzinfo=UTC),
    datetime(2024, 3, 1, 12, 0, tzinfo=UTC),
    datetime(2025, 1, 2, 22, 0, tzinfo=UTC),
    datetime(2026, 3, 9, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
    datetime(2027, 5, 3, 23, 30, tzinfo=UTC),
)
CASES_PER_INSTANT = 360


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> tuple[World, dict[str, Case], Law]:
    folder = tmp_path_factory.mktemp("random") / "world"
    world = strange_world(folder)
    law = strange_law(folder)
    told = tell(world, [case for instant in INSTANTS for case in generate(CASES_PER_INSTANT, instant, law)])
    world.land()
    return world, told, law


@pytest.mark.slow
@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: instant.date().isoformat())
def test_product_and_oracle_agree_on_every_published_column(landed, as_of, tmp_path):
    world, told, law = landed
    assert len(told) >= 2_000
    found = disagreements(told, world.run(as_of, only=DEADLINES), law, as_of)
    if found:
        first = min(found, key=lambda it: len(it.case.events))
        pytest.fail(f"{len(found)} of {len(told)} requests; the smallest: {shrink(first, tmp_path, law)}", pytrace=False)


@pytest.mark.slow
def test_the_order_of_arrival_never_matters(landed, tmp_path):
    world, _, _ = landed
    as_of = INSTANTS[4]
    rows = [row for request in world.requests.values() for row in request.events]
    shuffled = strange_world(tmp_path / "shuffled")
    Random(7).shuffle(rows)
    for part in range(5):
        shuffled.deliver(rows[part::5])
        shuffled.land()
    arrived = {"source", "batch_id", "row_number", "landed_at"}
    published = [
        sorted(
            tuple(sorted((name, str(value)) for name, value in row.items() if name not in arrived))
            for row in one.run(as_of, only=DEADLINES).table("fct_requests")
        )
        for one in (world, shuffled)
    ]
    assert published[0] == published[1]
