"""Every figure of requests in a bundle, computed again by DuckDB from the rows beside it, from the metric's definition."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

ANSWERED = "in ('closed_on_time', 'closed_late', 'open_overdue')"
DUE, CLOSED = "coalesce(due_date, closed_date)", "closed_date is not null and status <> 'excluded'"
GROUNDS = (
    "('identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data', 'third_party_rights',"
    " 'legal_obligation')"
)
OTHERS = "coalesce(regime_code, '') <> 'DECLARED'"
# metric: the date that places a request, which ones it speaks about, what is counted, out of what (nothing: a count)
METRICS = {
    "requests_received": ("received_date", "true", "true", None),
    "deadline_adherence": (DUE, OTHERS, "status = 'closed_on_time'", f"status {ANSWERED}"),
    "deadline_adherence_strict": (DUE, OTHERS, "strict_status = 'closed_on_time'", f"strict_status {ANSWERED}"),
    "declared_adherence": (DUE, "regime_code = 'DECLARED'", "status = 'closed_on_time'", f"status {ANSWERED}"),
    "acknowledgement_adherence": (
        "ack_due_date", "status <> 'excluded'", "ack_status = 'on_time'", "ack_status in ('on_time', 'late', 'open_overdue')",
    ),
    "exclusion_rate": ("received_date", "true", "status = 'excluded'", "true"),
    "ways_out_rate": (
        "received_date", "true",
        "status in ('excluded', 'no_rule') or (status = 'no_deadline' and (regime_code = 'DECLARED' or regime_is_override))"
        " or (status = 'paused' and date '2026-09-30' - paused_since::date > 60)",
        "true",
    ),
    "forwarding_rate": (
        "received_date", "true", "forwarding_status = 'on_time'", "forwarding_status in ('on_time', 'late', 'open_overdue')",
    ),
    "max_achievable_adherence": (
        "received_date", "true", "status in ('closed_on_time', 'open_in_time', 'paused')",
        "status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue')",
    ),
    "extension_rate": ("received_date", "true", "extension_status = 'valid'", "true"),
    "invalid_extension_count": ("received_date", "true", "extension_status in ('late', 'not_permitted')", None),
    "intake_lag_unknown_rate": ("received_date", "true", "recorded_at is null", "true"),
    "declared_deadline_disagreement": ("received_date", "true", "declared_differs", "declared_differs is not null"),
    "denial_rate": ("closed_date", CLOSED, "outcome = 'denied'", "true"),
    "denial_without_ground_count": (
        "closed_date", CLOSED, f"outcome = 'denied' and coalesce(denial_reason, '') not in {GROUNDS}", None,
    ),
    "closed_while_paused_count": ("closed_date", CLOSED, "closed_while_paused", None),
}  # fmt: skip
STATISTICS = {
    "median_days_to_close": "quantile_cont(days_to_close, 0.5)",
    "p90_days_to_close": "quantile_cont(days_to_close, 0.9)",
    "mean_days_to_close": "avg(days_to_close)",
}
ELSEWHERE = {"km_median_days_open", "forwarding_p95_hours"}
"""Computed by Kaplan and Meier's estimate: tests/dbt_project/metrics/test_figures.py."""


def opened(bundle: Path) -> duckdb.DuckDBPyConnection:
    """The record copies as tables; nothing but the bundle."""
    connection = duckdb.connect()
    for name in ("fct_requests", "fct_metrics"):
        connection.execute(f"create table {name} as from read_csv('{bundle}/data/tables/{name}.csv', nullstr='')")
    return connection


def figures_of(metric: str) -> str:
    """What the bundle states of a metric, beside each request that the figure is of."""
    place = METRICS[metric][0] if metric in METRICS else "closed_date"
    of = "case m.dimension when 'all' then 'all'" + "".join(
        f" when '{name}' then coalesce(r.{name}, 'unknown')"
        for name in ("jurisdiction", "regime_code", "right_type", "channel", "source")
    )
    return f"""
        from fct_metrics as m left join fct_requests as r
            on ({place}) >= m.period_start and ({place}) < m.period_end
            and {of} end = m.dimension_value
        where m.metric_code = '{metric}'
    """


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["auditors", "californian"])
def test_a_count_or_rate_is_that_of_the_rows(metric, name, request):
    _, population, numerator, denominator = METRICS[metric]
    with opened(request.getfixturevalue(name)) as connection:
        rows = connection.execute(f"""
            select m.period_grain, m.period_start, m.dimension, m.dimension_value, m.numerator, m.denominator,
                count(r.request_key) filter (({population}) and ({numerator}) and ({denominator or "true"})),
                count(r.request_key) filter (({population}) and ({denominator or "true"}))
            {figures_of(metric)} group by all
        """).fetchall()
    assert rows or name == "californian"
    for *figure, stated, out_of, counted, of in rows:
        assert (stated, out_of) == (counted, of if denominator else None), figure


@pytest.mark.parametrize("metric", STATISTICS)
def test_a_statistic_is_that_of_the_rows(metric, auditors):
    with opened(auditors) as connection:
        rows = connection.execute(f"""
            select m.period_grain, m.period_start, m.dimension, m.dimension_value, m.value,
                {STATISTICS[metric]} filter ({CLOSED})
            {figures_of(metric)} group by all
        """).fetchall()
    assert len(rows) > 100
    for *figure, stated, computed in rows:
        assert stated == pytest.approx(computed), figure


def test_there_is_no_figure_of_requests_that_is_not_computed_again(auditors):
    with opened(auditors) as connection:
        stated = connection.execute("select distinct metric_code from fct_metrics where dimension = 'regime_code'").fetchall()
    assert {code for (code,) in stated} == {*METRICS, *STATISTICS, *ELSEWHERE}


def test_a_share_is_its_two_numbers(auditors, public):
    for bundle in (auditors, public):
        with duckdb.connect() as connection:
            wrong = connection.execute(
                f"from read_csv('{bundle}/data/tables/fct_metrics.csv', nullstr='')"
                " where unit = 'share' and coalesce(abs(value - numerator / denominator) > 1e-12,"
                " (value is null) <> (denominator is null or denominator = 0))"
            ).fetchall()
        assert wrong == []
