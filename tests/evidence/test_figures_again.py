"""Every figure of requests in a bundle, computed again by DuckDB from the rows beside it, from what the metric says it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from evidence.figures_of_requests import CLOSED, METRICS, STATISTICS


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


def test_a_share_is_its_two_numbers(auditors, public):
    for bundle in (auditors, public):
        with duckdb.connect() as connection:
            wrong = connection.execute(
                f"from read_csv('{bundle}/data/tables/fct_metrics.csv', nullstr='')"
                " where unit = 'share' and coalesce(abs(value - numerator / denominator) > 1e-12,"
                " (value is null) <> (denominator is null or denominator = 0))"
            ).fetchall()
        assert wrong == []
