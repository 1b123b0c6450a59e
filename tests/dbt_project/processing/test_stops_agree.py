"""Stops in hundreds of small worlds: models and oracle agree at every instant."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from stopped_lives import AS_OF, TICK, prepared, worlds
from warehouse import Warehouse, by_key

GRAIN = ("namespace", "request_id", "right_type", "stopped_at", "purpose_code")
GRAIN_OF_WAITS = ("request_key", "pending_since", "purpose_code")
MODELS = ("int_stops__intervals",)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return worlds().land(prepared(tmp_path_factory.mktemp("stops")), Random(1))


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_models_and_the_oracle_agree_on_every_stop_and_on_what_waits_for_an_answer(warehouse, as_of):
    stops = by_key((row for stop in worlds().stops(as_of) for row in stop.rows()), *GRAIN)
    assert warehouse.model("int_stops__purposes", GRAIN, as_of, *MODELS) == stops
    waits = by_key((row for wait in worlds().waits(as_of) for row in wait.rows()), *GRAIN_OF_WAITS)
    assert by_key(warehouse.rows("select * from intermediate.int_stops__pending"), *GRAIN_OF_WAITS) == waits
    assert min(len(stops), len(waits)) > 50


def test_the_worlds_hold_every_way_of_waiting(warehouse):
    seen: Counter[str] = Counter()
    waiting, stops = worlds().waits(AS_OF[-1]), worlds().stops(AS_OF[-1])
    received = {wait.request_key: min(it.since for it in waiting if it.request_key == wait.request_key) for wait in waiting}
    for wait in waiting:
        seen[wait.right_type] += 1
        seen["waits"] += wait.ends is None
        seen["reopened"] += wait.since > received[wait.request_key]
        seen["named purposes"] += wait.purposes is not None
        bound = [stop for stop in stops if stop.request_key == wait.request_key]
        seen["until it bound unanswered"] += any(stop.stopped_at + TICK == wait.ends and stop.answered_at for stop in bound)
        seen["until it was granted"] += any(stop.stopped_at + TICK == wait.ends and not stop.answered_at for stop in bound)
        seen["until it was denied"] += wait.ends is not None and not bound
    assert {way: times for way, times in seen.items() if times < 8} == {}
    assert len(seen) == 8


def test_the_worlds_hold_every_way_in_which_a_stop_ends(warehouse):
    seen: Counter[str] = Counter()
    for stop in worlds().stops(AS_OF[-1]):
        seen[stop.right_type] += 1
        seen["lifted"] += stop.lifted_at is not None
        seen["lifted as it closed"] += stop.lifted_at == stop.stopped_at
        seen["collected again"] += stop.collected_at is not None
        seen["collected a microsecond later"] += stop.collected_at == stop.stopped_at + TICK
        seen["lasts"] += stop.ends(None) is None
        seen["named purposes"] += stop.purposes is not None
        seen["consent of its instant"] += any(at == stop.stopped_at for _, at in stop.consents)
        for row in stop.rows():
            ended_by_consent = row["purpose_code"] is not None and row["ended_at"] != stop.ends(None)
            seen["ended by consent"] += ended_by_consent
            seen["ended by consent, every purpose"] += ended_by_consent and stop.purposes is None
            seen["ended by consent a microsecond later"] += ended_by_consent and row["ended_at"] == stop.stopped_at + TICK
    assert {way: times for way, times in seen.items() if times < 8} == {}
    assert len(seen) == 15


def test_a_stop_leads_back_to_the_request_that_it_is(warehouse):
    warehouse.model("int_stops__purposes", GRAIN, AS_OF[-1], *MODELS)
    assert (
        warehouse.rows(
            "select request_key from intermediate.int_stops__purposes"
            " anti join outgoing.marts.fct_requests using (request_key, namespace, request_id, right_type)"
        )
        == []
    )
