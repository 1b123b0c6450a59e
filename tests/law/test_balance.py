"""Every request received is in exactly one status, in every period and by every dimension."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from comparison import land_cases
from random_cases import generate, strange_law, strange_world
from world import Report, Row

AS_OF = datetime(2026, 3, 9, 5, 0, tzinfo=UTC)
STATUSES = ("excluded", "no_rule", "no_deadline", "closed_on_time", "closed_late", "paused", "open_in_time", "open_overdue")
DIMENSIONS = ("all", "jurisdiction", "regime_code", "right_type", "channel", "source")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Report:
    folder = tmp_path_factory.mktemp("balance") / "world"
    world = strange_world(folder)
    land_cases(world, generate(900, AS_OF, strange_law(folder)))
    for number, row in enumerate(world.events[::40]):
        if number % 2:
            world.events.append(row | {"occurred_at": "2026-01-15T12:00:00+00:00"})  # two contents under one id
        else:
            row["event_type"] = "nonsense"
    return world.run(AS_OF, only=("fct_requests", "fct_metrics", "rpt_waterfall"))


def period_of(row: Row, grain: str) -> str | None:
    day = date.fromisoformat(row["received_date"])
    first = {
        "month": day.replace(day=1),
        "quarter": day.replace(month=day.month - (day.month - 1) % 3, day=1),
        "year": day.replace(month=1, day=1),
        "to_date": None,
    }[grain]
    return first.isoformat() if first else None


@pytest.mark.slow
def test_received_is_the_sum_of_the_statuses_in_every_period_and_dimension(report):
    for row in report.table("rpt_waterfall"):
        assert row["received"] == sum(row[status] for status in STATUSES), row
        assert row["balance"] == 0


@pytest.mark.slow
def test_the_waterfall_counts_each_request_once_by_every_dimension(report):
    requests = report.table("fct_requests")
    assert {row["status"] for row in requests} == set(STATUSES)
    stated = {
        (row["period_grain"], row["period_start"], row["dimension"], row["dimension_value"], status): row[status]
        for row in report.table("rpt_waterfall")
        for status in STATUSES
        if row[status]
    }
    counted: Counter[tuple[object, ...]] = Counter()
    for row in requests:
        for grain in ("month", "quarter", "year", "to_date"):
            for dimension in DIMENSIONS:
                value = "all" if dimension == "all" else row[dimension] or "unknown"
                counted[(grain, period_of(row, grain), dimension, value, row["status"])] += 1
    assert stated == dict(counted)


@pytest.mark.slow
def test_the_figure_of_requests_received_is_the_waterfalls(report):
    key = ("period_grain", "period_start", "dimension", "dimension_value")
    waterfall = {tuple(row[name] for name in key): row["received"] for row in report.table("rpt_waterfall") if row["received"]}
    figures = report.table("fct_metrics", "metric_code = 'requests_received'")
    assert {tuple(row[name] for name in key): row["value"] for row in figures if row["value"]} == waterfall


@pytest.mark.slow
def test_each_adherence_recomputes_from_the_requests_themselves(report):
    missed = ("closed_late", "open_overdue")
    for metric, status in (("deadline_adherence", "status"), ("deadline_adherence_strict", "strict_status")):
        rows = [row for row in report.table("fct_requests") if row["regime_code"] != "DECLARED"]
        kept = sum(row[status] == "closed_on_time" for row in rows)
        due = kept + sum(row[status] in missed for row in rows)
        assert report.metric(metric) == {"numerator": kept, "denominator": due, "value": kept / due}
