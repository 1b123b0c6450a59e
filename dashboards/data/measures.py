"""Figures of `fct_metrics` for any choice of values of one dimension, with how many units were looked at.

Here: sums of numerators and denominators over values that share no unit, which is what a mart would hold for them together;
the match rate of a log. Not here: one value at a time (metrics.py), verdicts on a metric (control_results.py).
"""

from __future__ import annotations

from datetime import date

from dashboards.data.metrics import NOTHING, WITHIN, Figure, figure
from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period

_SUMMED = """
    sum(numerator) as numerator, sum(denominator) as denominator, sum(units) as units,
    case
        when count(*) = 1 then any_value(value)
        when count(denominator) > 0 then sum(numerator) / nullif(sum(denominator), 0)
        else sum(numerator)
    end as value,
    case
        when count(*) = 1 then any_value(value_worst)
        when count(worst_denominator) > 0 then sum(worst_numerator) / nullif(sum(worst_denominator), 0)
        else sum(worst_numerator)
    end as value_worst,
    any_value(unit) as unit, if(bool_or(quality_verdict = 'failed'), 'failed', min(quality_verdict)) as quality_verdict
"""


@cached
def measures(
    ref: Ref, codes: tuple[str, ...], period: Period, dimension: str = "all", values: tuple[str, ...] = ()
) -> dict[str, Figure]:
    """Several metrics of one period, over some values of a dimension; without values over everything."""
    found = rows(
        ref,
        f"""
        select metric_code, {_SUMMED} from marts.fct_metrics
        where list_contains($codes::varchar[], metric_code) and {WITHIN}
            and dimension = $dimension and list_contains($values::varchar[], dimension_value)
        group by metric_code
        """,
        {
            "codes": list(codes),
            "grain": period.grain,
            "start": period.start,
            "dimension": dimension if values else "all",
            "values": list(values) or ["all"],
        },
    )
    by_code = {row["metric_code"]: figure(row) for row in found}
    return {code: by_code.get(code, NOTHING) for code in codes}


@cached
def by_value(ref: Ref, codes: tuple[str, ...], period: Period, dimension: str) -> dict[str, dict[str, Figure]]:
    """Several metrics by the values of a dimension: value -> metric -> measure."""
    found = rows(
        ref,
        f"""
        select metric_code, dimension_value, {_SUMMED} from marts.fct_metrics
        where list_contains($codes::varchar[], metric_code) and {WITHIN} and dimension = $dimension
        group by all order by dimension_value
        """,
        {"codes": list(codes), "grain": period.grain, "start": period.start, "dimension": dimension},
    )
    figures: dict[str, dict[str, Figure]] = {}
    for row in found:
        figures.setdefault(row["dimension_value"], dict.fromkeys(codes, NOTHING))[row["metric_code"]] = figure(row)
    return figures


@cached
def monthly_by_value(ref: Ref, code: str, first: date, last: date, dimension: str) -> list[Row]:
    """One metric by month and value of a dimension: `month, dimension_value, value`."""
    return rows(
        ref,
        """
        select period_start as month, dimension_value, value from marts.fct_metrics
        where metric_code = $code and period_grain = 'month' and period_start between $first and $last
            and dimension = $dimension and value is not null
        order by all
        """,
        {"code": code, "first": first, "last": last, "dimension": dimension},
    )


@cached
def values(ref: Ref, codes: tuple[str, ...], dimension: str) -> tuple[str, ...]:
    """The values of a dimension that metrics have figures for, in order: the allow-list of a filter."""
    found = rows(
        ref,
        """
        select distinct dimension_value as value from marts.fct_metrics
        where list_contains($codes::varchar[], metric_code) and dimension = $dimension and period_grain = 'to_date' order by 1
        """,
        {"codes": list(codes), "dimension": dimension},
    )
    return tuple(row["value"] for row in found)


@cached
def match_rates(ref: Ref) -> dict[str, Figure]:
    """Of the persons who stopped something or were erased, how many each log contains under any identifier."""
    found = rows(
        ref,
        f"""
        select dimension_value, {_SUMMED} from marts.fct_metrics
        where metric_code = 'subject_match_rate' and period_grain = 'to_date' and dimension = 'log' group by all
        """,
    )
    return {row["dimension_value"]: figure(row) for row in found}
