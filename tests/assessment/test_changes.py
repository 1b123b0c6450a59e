"""Which verdicts changed and why: each reason of the closed list, and what must never look like an improvement."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from assessed import Q2, Q3, ZONE, Assessed, count, rate
from hypothesis import given
from hypothesis import strategies as st

from promisekept.assessment import bridges, changes
from promisekept.assessment.changes import Assessment, VerdictChange
from promisekept.presentation.statuses import CHANGE_REASONS, KEPT, NOT_ASSESSABLE, VERDICTS

LOST = "failed at the source gate: incidents"
Side = tuple[str, dict[str, Any]]


def of(world: Assessed) -> tuple[Assessment, Assessment]:
    base, now = (changes.assess(world.connection, ZONE, period, period.label) for period in (Q2, Q3))
    return base, now


def changed(**sides: tuple[Side, Side]) -> dict[str, VerdictChange]:
    """Verdict and measure of each promise in Q2 and in Q3, and how that is explained."""
    world = Assessed()
    for clause, (before, after) in sides.items():
        for period, (status, measure) in ((Q2, before), (Q3, after)):
            world.promise(clause, status, measure, period=period, reason=measure.get("reason", ""))
    return {change.clause_id: change for change in changes.changed_verdicts(*of(world))}


EXPLAINED: dict[str, tuple[Side, Side, str, str, str]] = {
    "SHA5": (
        ("met", rate(874, 874, "=", 1.0)), ("missed", rate(706, 921, "=", 1.0)),
        "more_cases", "red", "215 cases against it, in Q2 2026 0 cases.",
    ),
    "RIG2": (
        ("missed", rate(58, 61, ">=", 0.98)), ("met", rate(66, 66, ">=", 0.98)),
        "fewer_cases", "green", "0 cases against it, in Q2 2026 3 cases.",
    ),
    "RIG1": (
        ("missed", rate(40, 50, ">=", 0.9)), ("met_within_tolerance", rate(188, 200, ">=", 0.9)),
        "other_rate", "green", "80.0% (40 of 50) in Q2 2026, 94.0% (188 of 200) in Q3 2026.",
    ),
    "RIG8": (
        ("met_within_tolerance", rate(188, 200, ">=", 0.9)), ("missed", rate(40, 50, ">=", 0.9)),
        "other_rate", "red", "94.0% (188 of 200) in Q2 2026, 80.0% (40 of 50) in Q3 2026.",
    ),
    "LAW1": (
        ("missed", rate(1, 2, "=", 1.0)), ("insufficient_evidence", rate(2, 2, "=", 1.0, reason=LOST)),
        "evidence_lost", "yellow", "Failed at the source gate: incidents. This is not an improvement.",
    ),
    "SEC4": (
        ("manual", {}), ("insufficient_evidence", {"reason": "the attestation expired on 2026-05-20"}),
        "evidence_lost", "yellow", "The attestation expired on 2026-05-20.",
    ),
    "CTX1": (
        ("insufficient_evidence", rate(0, 1, "<=", 0.01, reason="no log: contracts")), ("met", rate(0, 190, "<=", 0.01)),
        "evidence_arrived", "blue", "In Q2 2026: no log: contracts.",
    ),
    "RET1": (
        ("met", count(0, 36, value_worst=0.0)), ("met_on_main_reading", count(0, 19, value_worst=1.0)),
        "evidence_lost", "yellow",
        "Kept by the standard interpretation as before, no longer in the worst case, where missing evidence counts as missed.",
    ),
    "POL2": (
        ("met", rate(92, 100, ">=", 0.9)), ("missed", rate(92, 100, ">=", 0.95)),
        "other_rule", "gray", "The target is ≥\u00a095%, in Q2 2026 it was ≥\u00a090%.",
    ),
    "POL3": (
        ("met", rate(92, 100, ">=", 0.9)), ("missed", rate(92, 100, ">=", 0.9, metric_code="another")),
        "other_rule", "gray", "Not measured in Q2 2026: another control or metric was in force.",
    ),
}  # fmt: skip


def test_each_change_has_one_reason_of_the_closed_list_and_one_sentence() -> None:
    found = changed(**{clause: (before, after) for clause, (before, after, *_) in EXPLAINED.items()})
    assert {clause: (one.reason, one.badge.colour, one.sentence) for clause, one in found.items()} == {
        clause: tuple(explained) for clause, (_, _, *explained) in EXPLAINED.items()
    }
    assert list(found) == ["SHA5", "RIG8", "POL2", "POL3", "RET1", "LAW1", "SEC4", "RIG1", "RIG2", "CTX1"]
    assert {one.reason for one in found.values()} | {"corrected"} == set(CHANGE_REASONS)


def test_more_cases_name_the_commonest_cause_of_the_findings_of_the_period() -> None:
    world = Assessed()
    world.promise("SHA-5", "met", rate(9, 9, "=", 1.0), period=Q2)
    world.promise("SHA-5", "missed", rate(7, 9, "=", 1.0))
    for word, day in (("No agreement", 1), ("No agreement", 2), ("Late", 3)):
        world.finding("SHA-5", "high", word, date(2026, 7, day))
    (change,) = changes.changed_verdicts(*of(world))
    assert change.sentence == "2 cases against it, in Q2 2026 0 cases. 2 of 3 findings: no agreement."


def test_in_two_snapshots_of_one_period_a_correction_explains_the_change_and_a_changed_pack_another() -> None:
    def snapshot(status: str, kept: int, causes: list[str]) -> Assessment:
        world = Assessed()
        world.promise("RIG-8", status, rate(kept, 100, ">=", 0.98))
        world.connection.execute("attach ':memory:' as history; create table history.fct_restatements as select"
            " 'kept_rate' as metric_code, 'quarter' as period_grain, date '2026-07-01' as period_start, 'changed' as change,"
            " 2 as sequence, $causes::varchar[] as causes", {"causes": causes})  # fmt: skip
        return changes.assess(world.connection, ZONE, Q3, f"snapshot {kept}")

    base = snapshot("missed", 97, [])
    (corrected,) = changes.changed_verdicts(base, snapshot("met_within_tolerance", 99, ["correction"]), same_period=True)
    assert (corrected.reason, corrected.badge.colour) == ("corrected", "gray")
    assert corrected.sentence == "97.0% (97 of 100) in snapshot 97, 99.0% (99 of 100) with the later versions of its events."
    (ruled,) = changes.changed_verdicts(base, snapshot("met_within_tolerance", 99, ["pack"]), same_period=True)
    assert ruled.reason == "other_rule"


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(VERDICTS, repeat=2) if pair[0] != pair[1]])
def test_nothing_but_fewer_cases_or_a_better_rate_is_ever_green(before: str, after: str) -> None:
    measures = rate(3, 10, ">=", 0.9), rate(9, 10, ">=", 0.9)
    change = changed(A=((before, measures[0]), (after, measures[1])))["A"]
    if change.badge.colour == "green":
        assert change.reason in ("fewer_cases", "other_rate")
        assert after in KEPT
    if after in NOT_ASSESSABLE and before not in NOT_ASSESSABLE:
        assert change.badge.colour == "yellow"
        assert ("not an improvement" in change.sentence) == (before == "missed")


@given(st.lists(st.tuples(st.sampled_from(list(VERDICTS)), st.sampled_from(list(VERDICTS))), max_size=40))
def test_every_bridge_adds_up_and_agrees_with_the_counts(pairs: list[tuple[str, str]]) -> None:
    def side(at: int) -> Assessment:
        rows = tuple({"clause_id": f"{number}", "status": pair[at]} for number, pair in enumerate(pairs))
        return Assessment("", rows, {}, {})

    groups = {"Kept": KEPT, "Missed": ("missed",), "Not assessable": NOT_ASSESSABLE}
    for bridge in bridges.bridges(side(0), side(1)):
        own = groups[bridge.name]
        assert bridge.before == sum(before in own for before, _ in pairs)
        assert bridge.after == sum(after in own for _, after in pairs)
        assert bridge.before + sum(step.number for step in bridge.steps) == bridge.after
        assert not any(step.colour == "green" and "evidence" in step.words for step in bridge.steps)


def test_movements_are_the_largest_first_to_the_better_and_to_the_worse_and_leave_small_numbers_out() -> None:
    world = Assessed()
    for clause, before, after in (
        ("POL-2", rate(612, 1000, ">=", 0.95), rate(244, 1000, ">=", 0.95)),
        ("CON-1", count(61, 1000), count(162, 1000)),
        ("RIG-1", rate(942, 1000, ">=", 0.98), rate(957, 1000, ">=", 0.98)),
        ("RET-2", rate(20, 1000, "<=", 0.01), rate(15, 1000, "<=", 0.01)),
        ("RET-4", count(0, 4), count(3, 4)),
        ("CTX-1", rate(1, 100, ">=", 0.98), rate(1, 100, ">=", 0.98)),
    ):
        world.promise(clause, "missed", before, period=Q2)
        world.promise(clause, "missed", after)
    found = bridges.movements(*of(world))
    assert [(one.clause_id, round(one.improvement * 100, 1)) for one in found] == [
        ("POL-2", -36.8), ("CON-1", -10.1), ("RIG-1", 1.5), ("RET-2", 0.5),
    ]  # fmt: skip
