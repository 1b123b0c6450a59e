"""The public examples, landed as events and computed by the product.

The clock is injected: each example lands at its own instant, so that later events of an example are in the future and are left
out.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import model_builds
import pytest
from oracles.vectors import read_vectors
from rebuilding import in_memory
from spark_sessions import differing_on_spark, needs_spark
from world import LONG_AFTER, Row, World, plain

pytestmark = pytest.mark.slow

REASONS = {"denied": "exempt", "partially_fulfilled": "exempt"}


def instant_of(vector: dict[str, Any]) -> datetime:
    """As of which it is computed."""
    return datetime.fromisoformat(vector["as_of"])


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> World:
    """Every example, landed at its own instant."""
    world = World(tmp_path_factory.mktemp("vectors") / "world")
    places: dict[tuple[str, str, str], str] = {}
    for vector, following in pairwise([*sorted(read_vectors(), key=instant_of), None]):
        place = (vector["regime_code"], vector["calendar"], vector["time_zone"])
        if place not in places:
            places[place] = world.place(f"ZZ-{len(places):03d}", *place)
        events = [
            {"reason_code": REASONS.get(event["event_type"])}
            | event
            | {name: datetime.fromisoformat(event[name]) for name in ("occurred_at", "declared_due_at") if name in event}
            for event in vector["events"]
        ]
        world.add_request(vector["id"], places[place], events)
        if following is None or instant_of(following) > instant_of(vector):
            world.land(instant_of(vector))
    return world


@pytest.fixture(scope="module")
def answers(landed) -> dict[str, Row]:
    """The product's rows for each example at the example's own instant."""
    computed = {}
    build = landed.prepare(LONG_AFTER)
    at: dict[str, list[dict[str, Any]]] = {}
    for vector in read_vectors():
        at.setdefault(vector["as_of"], []).append(vector)
    timeless = [name.rpartition(".")[2] for name in build.project.reading_none_of(["run.run_instants"])]
    with in_memory(build) as db:
        model_builds.make(db, ["fct_requests"])
        for as_of, vectors_at in at.items():
            db.execute("update warehouse.run.run_instants set as_of = ?", [as_of])
            model_builds.make(db, ["fct_requests"], keep=["int_calendar__days", *timeless])
            for vector in vectors_at:
                which = [vector["id"], vector["right_type"]]
                cursor = db.execute("from outgoing.marts.fct_requests where request_id = ? and right_type = ?", which)
                names = [column[0] for column in cursor.description or ()]
                (values,) = cursor.fetchall()
                computed[vector["id"]] = Row(zip(names, map(plain, values), strict=True))
    return computed


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["id"])
def test_product_gives_the_expected_answer(answers: dict[str, Row], vector: dict[str, Any]) -> None:
    answer = answers[vector["id"]]
    assert {column: answer[column] for column in vector["expect"]} == vector["expect"]


@needs_spark
@pytest.mark.on_spark
def test_both_engines_give_the_same_answers(landed):
    vectors = sorted(read_vectors(), key=instant_of)
    for as_of in (instant_of(vectors[len(vectors) // 2]), LONG_AFTER):
        assert differing_on_spark(landed.settings, as_of) == [], as_of
