"""Acts of processing in hundreds of small worlds: the mart agrees with the oracle, at every instant."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

import pytest
from oracles.processing_log import Context, evaluate
from stopped_lives import AS_OF, TICK, prepared, worlds
from warehouse import Warehouse, by_key, require_equal

KEY = ("namespace", "event_id")
CHECKS = ("ok_purpose", "ok_basis", "ok_consent", "ok_not_stopped", "ok_no_automated_decision", "ok_categories")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return worlds().land(prepared(tmp_path_factory.mktemp("processing")), Random(1))


def published(warehouse: Warehouse, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    return warehouse.model("fct_processing", KEY, as_of)


def expected(context: Context, as_of: datetime) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows = worlds().processing
    return by_key((verdict | {"namespace": row["namespace"]} for row in rows if (verdict := evaluate(row, context, as_of))), *KEY)


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_mart_and_the_oracle_agree_on_every_act(warehouse, as_of):
    require_equal(published(warehouse, as_of), expected(worlds().context(as_of), as_of), above=1000)


def test_the_worlds_hold_what_the_checks_are_about(warehouse):
    as_of = AS_OF[-1]
    rows = published(warehouse, as_of).values()
    assert {name: {row[name] for row in rows} for name in CHECKS} == {name: {True, False, None} for name in CHECKS} | {
        "ok_purpose": {True, False},
        "ok_categories": {True, False},
    }
    proofs = {(row["consent_version_in_force"], row["consent_provable"]) for row in rows}
    assert proofs == {(True, True), (True, False), (False, False), (None, None)}
    assert {row["stopped_right_type"] for row in rows} == {"erasure", "objection", "restriction", None}
    assert {row["decision_stopped_right_type"] for row in rows} == {"automated_decision", "objection", None}
    assert max(sum(row[name] is False for name in CHECKS) for row in rows) >= 5
    context, seen = worlds().context(as_of), Counter[str]()
    for row in worlds().processing:
        at, person = row["occurred_at"], context.persons.get(row["subject_key"], row["subject_key"])
        for stop in context.stops.get(person, ()):
            if stop.purposes is None or row["purpose_code"] in stop.purposes:
                seen["at the closing"] += at == stop.stopped_at
                seen["a microsecond after the closing"] += at == stop.stopped_at + TICK
                seen["as the stop ends"] += at == stop.ends(row["purpose_code"]) != stop.stopped_at
        binding = [stop for stop in context.stops.get(person, ()) if stop.binds(row["purpose_code"], at)]
        seen["several stops at once"] += len(binding) > 1
        seen["several closed at one instant"] += len(binding) > len({stop.stopped_at for stop in binding})
        decisions = context.decisions.get((person, row["purpose_code"]), [])
        seen["decided under several identifiers"] += len({it["subject_key"] for it in decisions}) > 1
        since = max((it["occurred_at"] for it in decisions if it["occurred_at"] <= at), default=None)
        last = [it for it in decisions if it["occurred_at"] == since]
        seen["decided at once under two identifiers"] += len({it["subject_key"] for it in last}) > 1
        seen["decided at its instant"] += any(it["occurred_at"] == at for it in decisions)
        waits = [wait for wait in context.waits.get(person, ()) if wait.lasts(at)]
        seen["while a request waits"] += bool(waits)
        seen["while one waits for another purpose"] += any(not wait.covers(row["purpose_code"]) for wait in waits)
        seen["while several wait"] += len({wait.request_key for wait in waits}) > 1
        seen["at the instant of an answer"] += any(wait.ends == at + TICK for wait in waits)
        seen["at the receipt"] += any(wait.since == at for wait in context.waits.get(person, ()))
        seen["person with several identifiers"] += person != row["subject_key"]
    assert {way: times for way, times in seen.items() if times < 8} == {}
    assert len(seen) == 14


def test_without_registers_purpose_and_category_are_undetermined(tmp_path):
    bare = worlds().land(prepared(tmp_path, None, None), Random(1))
    found = published(bare, AS_OF[2])
    require_equal(found, expected(worlds().context(AS_OF[2], None, None), AS_OF[2]))
    assert {(row["ok_purpose"], row["ok_basis"], row["ok_categories"]) for row in found.values()} == {(None, None, None)}


def test_an_empty_register_of_purposes_declares_nothing(tmp_path):
    bare = worlds().land(prepared(tmp_path, (), ()), Random(1))
    found = published(bare, AS_OF[2])
    require_equal(found, expected(worlds().context(AS_OF[2], (), ()), AS_OF[2]))
    assert {(row["ok_purpose"], row["ok_basis"]) for row in found.values()} == {(False, None)}


def test_a_row_leads_back_to_its_landed_row(warehouse):
    published(warehouse, AS_OF[-1])
    assert warehouse.led_astray("fct_processing", "processing") == 0
