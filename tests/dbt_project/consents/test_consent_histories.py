"""Decisions on consent, one hihistory at a time, and the rows of the marts that follow from it."""

from __future__ import annotations

from typing import Any

import pytest
from consent_histories import MARTS, Person, prepared
from warehouse import Warehouse

AS_OF = "2026-04-20T00:00:00Z"
PROVEN = {"policy_version": "v1", "notice_id": "n1"}


def histories() -> list[Person]:
    return [
        Person("changes", "lasting")
        .refused("2026-03-26T10:00:00Z")
        .given("2026-03-27T10:00:00Z")
        .renewed("2026-03-28T10:00:00Z")
        .withdrawn("2026-03-29T10:00:00Z"),
        Person("lapses").given("2026-03-28T12:00:00Z").given("2026-04-10T12:00:00Z").refused("2026-04-11T12:00:00Z"),
        Person("renews at the limit").given("2026-03-28T12:00:00Z").renewed("2026-03-30T12:00:00Z"),
        Person("both at once", "lasting").withdrawn("2026-03-28T12:00:00Z").given("2026-03-28T12:00:00Z"),
        Person("eve", "changing").given("2026-03-29T22:59:59.999999Z"),
        Person("midnight", "changing").given("2026-03-29T23:00:00Z"),
        Person("only asked").shown("2026-03-28T12:00:00Z"),
        Person("proven", "lasting").given("2026-03-28T12:00:00Z", **PROVEN),
        Person("too late to prove", "lasting").given("2026-04-01T00:00:00Z", **PROVEN),
        Person("slow")
        .given("2026-03-27T00:00:00Z")
        .withdrawn("2026-03-28T00:00:00Z")
        .withdrawal_applied("2026-03-28T06:00:00Z", system="crm")
        .withdrawal_applied("2026-03-28T01:00:00Z", system="crm")
        .withdrawal_applied("2026-03-29T12:00:00Z", system="mail")
        .withdrawal_applied("2026-03-28T00:30:00Z", system="ads"),
        Person("comes back")
        .withdrawn("2026-03-28T00:00:00Z")
        .withdrawal_applied("2026-03-28T01:00:00Z", system="crm")
        .given("2026-03-28T02:00:00Z")
        .withdrawal_applied("2026-03-28T02:00:00Z", system="mail"),
        Person("leaves twice", "lasting")
        .withdrawn("2026-03-28T00:00:00Z")
        .withdrawal_applied("2026-03-28T01:00:00Z", system="crm")
        .withdrawn("2026-04-19T00:00:00Z"),
        Person("nothing to stop", "bare").withdrawn("2026-03-28T00:00:00Z"),
        Person("before the promise", "future").withdrawn("2026-03-28T00:00:00Z"),
        Person("corrected", "lasting").given("2026-03-28T00:00:00Z", event_id="x1"),
        Person("contradicted", "lasting").refused("2026-03-27T00:00:00Z").given("2026-03-28T00:00:00Z", event_id="x2"),
    ]


CORRECTIONS = [
    *Person("corrected", "lasting").refused("2026-03-29T00:00:00Z", event_id="x1", revision=1).rows,
    *Person("contradicted", "lasting").withdrawn("2026-03-28T00:00:00Z", event_id="x2").rows,
]
POLICIES = [
    {"policy_version": "v1", "event_type": "effective", "occurred_at": "2026-03-01T00:00:00Z"},
    {"policy_version": "v1", "event_type": "superseded", "occurred_at": "2026-04-01T00:00:00Z"},
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    built = prepared(tmp_path_factory.mktemp("histories"))
    built.land(POLICIES, log="policies")
    built.land([row for person in histories() for row in person.rows], log="consents")
    built.land(CORRECTIONS, log="consents")
    ahead = Person("dated ahead", "lasting").given("2026-03-28T12:00:00Z").withdrawn("2026-03-28T12:05:00.000001Z")
    built.land(ahead.rows, at="2026-03-28T12:00:00Z", log="consents")
    return built.build(AS_OF, select=MARTS)


def states(warehouse: Warehouse, subject_key: str) -> list[tuple[Any, ...]]:
    """State, beginning and end, without the year, of each interval that holds for a while."""
    rows = warehouse.rows(
        "select state, strftime(valid_from, '%m-%d %H:%M') as begins, strftime(valid_to, '%m-%d %H:%M') as ends"
        " from outgoing.marts.fct_consents where subject_key = ? and valid_from is distinct from valid_to order by valid_from",
        [subject_key],
    )
    return [tuple(row.values()) for row in rows]


def systems(warehouse: Warehouse, subject_key: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = warehouse.rows(
        f"select system, {', '.join(columns)} from outgoing.marts.fct_withdrawal_systems where subject_key = ?"
        " order by withdrawn_at, system",
        [subject_key],
    )
    return [tuple(row.values()) for row in rows]


def test_each_decision_ends_the_state_before_it(warehouse):
    assert states(warehouse, "changes") == [
        ("refused", "03-26 10:00", "03-27 10:00"),
        ("active", "03-27 10:00", "03-28 10:00"),
        ("active", "03-28 10:00", "03-29 10:00"),
        ("withdrawn", "03-29 10:00", None),
    ]


def test_consent_lapses_after_so_many_hours_whatever_the_clocks_do(warehouse):
    assert states(warehouse, "lapses") == [
        ("active", "03-28 12:00", "03-30 12:00"),
        ("expired", "03-30 12:00", "04-10 12:00"),
        ("active", "04-10 12:00", "04-11 12:00"),
        ("refused", "04-11 12:00", None),
    ]
    (lapse,) = warehouse.rows("select * from outgoing.marts.fct_consents where subject_key = 'lapses' and lapsed")
    assert (lapse["event_id"], lapse["event_type"], lapse["provable"]) == ("lapses:0", "given", None)


def test_a_decision_at_the_very_instant_of_the_lapse_takes_its_place(warehouse):
    assert states(warehouse, "renews at the limit") == [
        ("active", "03-28 12:00", "03-30 12:00"),
        ("active", "03-30 12:00", "04-01 12:00"),
        ("expired", "04-01 12:00", None),
    ]


def test_who_consents_and_withdraws_at_one_instant_has_withdrawn(warehouse):
    assert states(warehouse, "both at once") == [("withdrawn", "03-28 12:00", None)]
    (passing,) = warehouse.rows(
        "select state, lapsed from outgoing.marts.fct_consents where subject_key = 'both at once' and valid_from = valid_to"
    )
    assert passing == {"state": "active", "lapsed": False}


def test_consent_lasts_as_long_as_was_promised_on_its_own_day(warehouse):
    assert states(warehouse, "eve")[1] == ("expired", "04-01 22:59", None)
    assert states(warehouse, "midnight")[1] == ("expired", "03-30 23:00", None)


def test_a_question_without_an_answer_is_no_state(warehouse):
    assert states(warehouse, "only asked") == []


def test_consent_is_proven_by_the_policy_that_was_in_force(warehouse):
    rows = warehouse.rows(
        "select subject_key, provable from outgoing.marts.fct_consents where policy_version = 'v1' order by all"
    )
    assert [tuple(row.values()) for row in rows] == [("proven", True), ("too late to prove", False)]


def test_an_event_dated_ahead_of_its_landing_decides_nothing(warehouse):
    assert states(warehouse, "dated ahead") == [("active", "03-28 12:00", None)]


def test_a_correction_takes_the_place_of_what_it_corrects_and_a_contradiction_leaves_nothing(warehouse):
    assert states(warehouse, "corrected") == [("refused", "03-29 00:00", None)]
    assert states(warehouse, "contradicted") == [("refused", "03-27 00:00", None)]


def test_a_withdrawal_takes_as_long_as_its_slowest_system(warehouse):
    assert systems(warehouse, "slow", "hours", "status", "in_time", "complete", "propagation_hours") == [
        ("crm", 1.0, "confirmed", True, True, 36.0),
        ("mail", 36.0, "confirmed", False, True, 36.0),
    ]


def test_nothing_confirms_a_withdrawal_once_the_person_has_consented_again(warehouse):
    assert systems(warehouse, "comes back", "hours", "status", "complete", "propagation_hours") == [
        ("crm", 1.0, "confirmed", False, None),
        ("mail", None, "unconfirmed", False, None),
    ]


def test_each_withdrawal_asks_for_confirmations_of_its_own(warehouse):
    assert systems(warehouse, "leaves twice", "hours", "status", "in_time") == [
        ("crm", 1.0, "confirmed", True),
        ("crm", None, "pending", None),
    ]


@pytest.mark.parametrize("person", ["nothing to stop", "before the promise"])
def test_a_purpose_that_names_no_system_waits_for_none(warehouse, person):
    assert systems(warehouse, person, "status") == []


def test_logs_without_a_row_make_marts_without_a_row(tmp_path):
    empty = prepared(tmp_path / "empty").build(AS_OF, select=MARTS)
    for mart in ("fct_consents", "fct_withdrawal_systems"):
        assert empty.rows(f"select * from outgoing.marts.{mart}") == []
