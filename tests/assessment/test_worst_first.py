"""Worst first: by how far from the target, on the example that the officer's workflow was drawn with."""

from __future__ import annotations

from datetime import date

import pytest
from assessed import Q3, ZONE, Assessed, count, rate

from promisekept.assessment.promises import promises
from promisekept.presentation import formats

DRAWN = {
    "POL-2": "70.6 points",
    "SHA-5": "23.3 points",
    "CON-1": "16.2 points",
    "RET-2": "6.5 points",
    "RIG-1": "2.3 points",
    "RIG-4": "1.8 points",
    "RIG-9": "1.6 points",
    "RIG-8": "1.3 points",
    "RIG-6": "0.51 points",
    "RET-4": "0.40 points",
    "LAW-1": "–",  # noqa: RUF001
    "SEC-4": "–",  # noqa: RUF001
}


@pytest.fixture
def assessed() -> Assessed:
    """The example, in no order; CON-1 also counts 3 of 1,099, and RET-2 a rate that it keeps."""
    world = Assessed()
    world.promise("SEC-4", "insufficient_evidence", reason="the attestation expired on 2026-05-20")
    world.promise("RET-4", "missed", count(3, 757))
    world.promise("RIG-6", "missed", count(5, 989))
    world.promise("RIG-8", "missed", rate(1818, 1880, ">=", 0.98))
    world.promise("RIG-9", "missed", rate(590, 612, ">=", 0.98))
    world.promise("RIG-4", "missed", rate(555, 577, ">=", 0.98))
    world.promise("RIG-1", "missed", rate(750, 784, ">=", 0.98))
    world.promise("RET-2", "missed", rate(11, 10_000, "<=", 0.02, status="met"), rate(3399, 45249, "<=", 0.01, metric_code="z"))
    world.promise("CON-1", "missed", count(3, 1099), count(17, 105, metric_code="unconfirmed"))
    world.promise("SHA-5", "missed", rate(706, 921, "=", 1.0))
    world.promise("POL-2", "missed", rate(2110, 8640, ">=", 0.95, units=1))
    world.promise("LAW-1", "insufficient_evidence", rate(2, 2, "=", 1.0))
    return world


def test_promises_stand_by_their_distance_to_the_target_and_then_by_verdict(assessed: Assessed) -> None:
    assessed.promise("ZZZ-1", "met_on_main_reading", rate(99, 100, ">=", 0.98))
    assessed.promise("AAA-1", "met_within_tolerance", rate(1, 100, "<=", 0.98))
    assessed.promise("AAA-2", "manual")
    assessed.promise("AAA-3", "met", rate(100, 100, ">=", 0.98))
    found = promises(assessed.connection, ZONE, Q3)
    shown = [(row["clause_id"], formats.points(row["distance"])) for row in found]
    assert shown[: len(DRAWN)] == list(DRAWN.items())
    assert [clause for clause, _ in shown[len(DRAWN) :]] == ["ZZZ-1", "AAA-1", "AAA-2", "AAA-3"]


def test_a_promise_shows_the_measure_that_made_its_verdict(assessed: Assessed) -> None:
    found = {row["clause_id"]: row for row in promises(assessed.connection, ZONE, Q3)}
    assert (found["CON-1"]["numerator"], found["CON-1"]["units"]) == (17, 105)
    assert (found["RET-2"]["metric_code"], formats.base(found["RET-2"])) == ("z", "3,399 of 45,249")


def test_equal_distances_are_ordered_by_severity_then_by_cases_and_a_duration_has_no_distance() -> None:
    world = Assessed()
    for clause, cases, units in (("A", 1, 10), ("B", 2, 20), ("C", 3, 30)):
        world.promise(clause, "missed", count(cases, units))
    world.promise("D", "missed", count(500, 900, unit="hours"))
    world.finding("A", "low", "Late", date(2026, 7, 1))
    world.finding("A", "high", "Unanswered", date(2026, 6, 30))  # not of the quarter
    world.finding("B", "medium", "Late", date(2026, 9, 30))
    world.finding("C", "medium", "Late", date(2026, 9, 30))
    world.finding("C", "low", "Late", date(2026, 9, 30))
    found = promises(world.connection, ZONE, Q3)
    assert [row["clause_id"] for row in found] == ["C", "B", "A", "D"]
    assert [(row["severity"], row["findings"], row["cause_findings"]) for row in found[:3]] == [
        ("medium", 2, 2), ("medium", 1, 1), ("low", 1, 1),
    ]  # fmt: skip


def test_a_distance_is_written_in_points_and_never_as_none(assessed: Assessed) -> None:
    assert [formats.points(value) for value in (None, 0.0, 0.00004, 0.0095, 0.0101, 1.0, -0.368)] == [
        "–", "0.00 points", "0.004 points", "0.95 points", "1.0 points", "100.0 points", "−36.8 points",  # noqa: RUF001
    ]  # fmt: skip
