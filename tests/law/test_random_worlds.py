"""Thousands of random requests: product and oracle agree on every published column.

All cases land once; the product is then built for each instant, so that every case is seen early, in the middle and late.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from comparison import disagreements, expected_row, land_cases, shrink
from oracles.law import Law
from random_cases import Case, generate, strange_law, strange_world
from spark_sessions import differing_on_spark, needs_spark
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
STATUSES = ("excluded", "no_rule", "no_deadline", "closed_on_time", "closed_late", "paused", "open_in_time", "open_overdue")


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> tuple[World, dict[str, Case], Law]:
    folder = tmp_path_factory.mktemp("random") / "world"
    world = strange_world(folder)
    law = strange_law(folder)
    landed_cases = land_cases(world, [case for instant in INSTANTS for case in generate(CASES_PER_INSTANT, instant, law)])
    world.land()
    return world, landed_cases, law


@pytest.mark.slow
@pytest.mark.parametrize("as_of", INSTANTS, ids=lambda instant: instant.date().isoformat())
def test_product_and_oracle_agree_on_every_published_column(landed, as_of, tmp_path):
    world, landed_cases, law = landed
    assert len(landed_cases) >= 2_000
    found = disagreements(landed_cases, world.run(as_of, only=DEADLINES), law, as_of)
    if found:
        first = min(found, key=lambda it: len(it.case.events))
        pytest.fail(f"{len(found)} of {len(landed_cases)} requests; the smallest: {shrink(first, tmp_path, law)}", pytrace=False)


@needs_spark
@pytest.mark.on_spark
@pytest.mark.parametrize("as_of", INSTANTS[3:5], ids=lambda instant: instant.date().isoformat())
def test_both_engines_agree_on_every_mart(landed, as_of):
    world, landed_cases, _ = landed
    assert len(landed_cases) >= 2_000
    assert differing_on_spark(world.settings, as_of) == []


@pytest.mark.slow
def test_each_trace_ends_where_the_figure_stands(landed):
    world, _, _ = landed
    report = world.run(INSTANTS[4], only=(*DEADLINES, "fct_request_traces"))
    traces = {row["request_key"]: json.loads(row["trace"]) for row in report.table("fct_request_traces")}
    rows = report.table("fct_requests")
    assert set(traces) == {row["request_key"] for row in rows}
    for row in rows:
        steps = {step["step"]: step for step in traces[row["request_key"]]}
        where = (row["request_key"], traces[row["request_key"]])
        assert steps["received"]["date"] == row["received_date"], where
        assert steps.get("due", {"date": None})["date"] == row["due_date"], where
        assert steps.get("base_due", {"date": None})["date"] == row["base_due_date"], where
        assert traces[row["request_key"]][-1]["step"] == "state", where
        assert all(step["says"] for step in traces[row["request_key"]]), where


@pytest.mark.slow
def test_the_random_requests_come_by_every_way_through_the_law(landed):
    """A guard on the guard: each state, verdict and oddity is among the cases, and not once or twice."""
    _, landed_cases, law = landed
    seen: Counter[tuple[str, object]] = Counter()
    for case in landed_cases.values():
        for right_type in case.rights:
            verdict = expected_row(case, right_type, law, INSTANTS[5]) or {}
            seen.update((name, verdict.get(name)) for name in ("status", "extension_status", "ack_status", "exclusion_reason"))
            seen["paused_days", bool(verdict.get("paused_days"))] += 1
            seen["forwarding_status", verdict.get("forwarding_status")] += 1
            seen["answer_recorded_late", verdict.get("answer_recorded_late")] += 1
            seen["closed_while_paused", verdict.get("closed_while_paused")] += 1
            seen["strict differs", verdict.get("status") != verdict.get("strict_status")] += 1
    for way in (
        *(("status", status) for status in STATUSES if status != "open_in_time"),
        *(("extension_status", status) for status in ("none", "revoked", "not_permitted", "valid", "late")),
        *(("ack_status", status) for status in ("on_time", "late", "open_overdue")),
        *(("forwarding_status", status) for status in ("on_time", "late", "open_overdue")),
        *(("exclusion_reason", reason) for reason in ("withdrawn", "test", "not_controller")),
        *(("paused_days", True), ("closed_while_paused", True), ("strict differs", True), ("answer_recorded_late", True)),
    ):
        assert seen[way] >= 20, (way, seen[way])
