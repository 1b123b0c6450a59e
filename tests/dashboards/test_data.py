"""Counts over the requests against counting by hand."""

from __future__ import annotations

import pytest
from invented import AS_OF

from dashboards.data import adherence, metrics, population, query
from dashboards.data.request_filters import Filters, SnapshotDate
from dashboards.snapshots import Ref
from promisekept.presentation.periods import TO_DATE, Period, parse

QUARTER: Period = parse("2026-Q2")  # type: ignore[assignment]


@pytest.mark.parametrize("period", [QUARTER, TO_DATE])
def test_the_waterfall_is_the_marts_and_its_parts_add_up(ref: Ref, period: Period) -> None:
    held = query.first(
        ref,
        """
        select * from marts.rpt_waterfall
        where dimension = 'all' and period_grain = $grain and period_start is not distinct from $start::date
        """,
        {"grain": period.grain, "start": period.start},
    )
    parts = population.waterfall(ref, Filters(), period)
    assert sum(parts.values()) == held["received"]
    assert parts["closed_on_time"] == held["closed_on_time"]


@pytest.mark.parametrize("dimension", ["right_type", "jurisdiction", "channel", "regime_code"])
def test_a_filter_counts_what_the_mart_counts(ref: Ref, dimension: str) -> None:
    name = {"right_type": "right", "regime_code": "regime"}.get(dimension, dimension)
    for value, held in metrics.by_dimension(ref, "deadline_adherence", QUARTER, dimension):
        counted = adherence.adherence(ref, Filters(**{name: (value,)}), QUARTER.start, QUARTER.end)
        assert (counted.numerator, counted.denominator) == (held.numerator, held.denominator), value


def test_the_survival_curve_is_kaplan_meiers(ref: Ref) -> None:
    lives = query.rows(
        ref,
        "select coalesce(days_to_close, days_open) as day, closed_date is not null as closed from marts.fct_requests"
        " where status <> 'excluded'",
    )
    curve = population.survival(ref, Filters(), TO_DATE)
    share = 1.0
    for day in sorted({life["day"] for life in lives}):
        at_risk = sum(life["day"] >= day for life in lives)
        closed = sum(life["day"] == day and life["closed"] for life in lives)
        share *= 1 - closed / at_risk
        row = curve[curve["day"] == day].iloc[0]
        assert (row["at_risk"], row["closed"]) == (at_risk, closed)
        assert row["still_open"] == pytest.approx(share)
        assert 0 <= row["low"] <= row["still_open"] + 1e-12 <= row["high"] + 2e-12 <= 1 + 3e-12


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (97, 100, 0.9155, 0.9897)]
)
def test_wilsons_interval_is_the_published_one(k: int, n: int, low: float, high: float) -> None:
    assert metrics.wilson(k, n) == pytest.approx((low, high), abs=2e-4)


def test_what_is_open_is_in_exactly_one_age(ref: Ref) -> None:
    at = SnapshotDate(AS_OF, "America/New_York")
    now = population.open_now(ref, Filters(), at)
    ages = population.ages(ref, Filters(), at)
    assert sum(row["n"] for row in ages if row["days_left"] < 0) == now["overdue"]
    assert sum(row["n"] for row in ages) + now["paused"] <= now["open"]
    assert sum(row["n"] for row in ages if 0 <= row["days_left"] <= 7) == now["due"]


def test_no_filter_may_name_a_column_of_its_own(ref: Ref) -> None:
    with pytest.raises(KeyError):
        metrics.values_of(ref, "subject_key")
