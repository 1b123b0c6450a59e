"""Figures as the marts hold them: a metric in a period, over months, by a dimension, for any choice of its values.

Here: reading `fct_metrics`; over several values that share no unit, sums of numerators and denominators, which is what a mart
would hold for them together. Not here: verdicts on them (control_results.py, promises.py), or a combination of filters
(request_filters.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref
from promisekept.presentation import periods
from promisekept.presentation.periods import Period

DIMENSIONS = ("all", "jurisdiction", "regime_code", "right_type", "channel")
_Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value with its denominator; `units` were looked at; every field is None where the mart has none."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    worst: float | None = None
    unit: str | None = None
    quality: str | None = None
    units: float | None = None

    @property
    def is_doubted(self) -> bool:
        """Whether a log behind it failed its checks."""
        return self.quality == "failed"


NOTHING = Figure()
ALL = ("all", "all")
"""The dimension that leaves nothing out, and its only value."""
_COLUMNS = "numerator, denominator, value, value_worst, unit, quality_verdict, units"
_WITHIN = "period_grain = $grain and period_start is not distinct from $start::date"
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


def share(part: float | None, whole: float | None) -> Figure:
    """A share that was counted over a fact; without a value where there is nothing to count."""
    return Figure((part or 0) / whole if whole else None, part, whole, unit="share")


def figure(row: Row) -> Figure:
    """A row of `fct_metrics`, or of sums over several."""
    return Figure(
        _number(row["value"]),
        _number(row["numerator"]),
        _number(row["denominator"]),
        _number(row["value_worst"]),
        row["unit"],
        row["quality_verdict"],
        _number(row["units"]),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


@cached
def figures(ref: Ref, codes: tuple[str, ...], period: Period, over: tuple[str, ...] = ALL) -> dict[str, Figure]:
    """Several metrics of one period, over a dimension and some values of it; without values over everything.

    A metric without a row is NOTHING.
    """
    dimension, *values = over if len(over) > 1 else ALL
    found = rows(
        ref,
        f"""
        select metric_code, {_SUMMED} from marts.fct_metrics
        where list_contains($codes::varchar[], metric_code) and {_WITHIN}
            and dimension = $dimension and list_contains($values::varchar[], dimension_value)
        group by metric_code
        """,
        {"codes": list(codes), "grain": period.grain, "start": period.start, "dimension": dimension, "values": values},
    )
    by_code = {row["metric_code"]: figure(row) for row in found}
    return {code: by_code.get(code, NOTHING) for code in codes}


@cached
def by_value(ref: Ref, codes: tuple[str, ...], period: Period, dimension: str) -> dict[str, dict[str, Figure]]:
    """Several metrics by the values of a dimension, in order: value -> metric -> figure."""
    found = rows(
        ref,
        f"""
        select metric_code, dimension_value, {_COLUMNS} from marts.fct_metrics
        where list_contains($codes::varchar[], metric_code) and {_WITHIN} and dimension = $dimension
        order by dimension_value
        """,
        {"codes": list(codes), "grain": period.grain, "start": period.start, "dimension": dimension},
    )
    by_value: dict[str, dict[str, Figure]] = {}
    for row in found:
        by_value.setdefault(row["dimension_value"], dict.fromkeys(codes, NOTHING))[row["metric_code"]] = figure(row)
    return by_value


def by_dimension(ref: Ref, code: str, period: Period, dimension: str) -> list[tuple[str, Figure]]:
    """One metric by the values of a dimension."""
    return [(value, found[code]) for value, found in by_value(ref, (code,), period, dimension).items()]


@cached
def monthly(ref: Ref, code: str, first: date, last: date, over: tuple[str, str] = ALL) -> list[tuple[date, Figure]]:
    """One metric month by month, from the month of `first` to that of `last`."""
    found = rows(
        ref,
        f"""
        select period_start, {_COLUMNS} from marts.fct_metrics
        where metric_code = $code and period_grain = 'month' and period_start between $first and $last
            and dimension = $dimension and dimension_value = $value
        order by period_start
        """,
        {"code": code, "first": first, "last": last, "dimension": over[0], "value": over[1]},
    )
    return [(row["period_start"], figure(row)) for row in found]


@cached
def known_periods(ref: Ref) -> tuple[Period, ...]:
    """Every period that the snapshot has figures for, newest first, `to_date` last."""
    found = rows(
        ref,
        """
        select distinct period_grain, period_start from marts.fct_metrics
        where period_start is not null order by period_start desc, period_grain
        """,
    )
    return (*(periods.containing(row["period_start"], row["period_grain"]) for row in found), periods.TO_DATE)


@cached
def values_of(ref: Ref, dimension: str) -> tuple[str, ...]:
    """The values that a dimension has among the requests, in order: the allow-list of a filter."""
    if dimension not in DIMENSIONS:
        raise KeyError(dimension)
    found = rows(ref, f"select distinct {dimension} as value from marts.fct_requests where {dimension} is not null order by 1")
    return tuple(str(row["value"]) for row in found)


@cached
def names(ref: Ref) -> dict[str, tuple[str, str]]:
    """Every metric's name and how it is computed, in words."""
    return {row["metric_code"]: (row["name"], row["description"]) for row in rows(ref, "select * from marts.dim_metrics")}


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
        select dimension_value, {_COLUMNS} from marts.fct_metrics
        where metric_code = 'subject_match_rate' and period_grain = 'to_date' and dimension = 'log'
        """,
    )
    return {row["dimension_value"]: figure(row) for row in found}


def wilson(k: float, n: float) -> tuple[float, float]:
    """The 95% interval of a share of k among n (E. B. Wilson, 1927), within 0 and 1; n must be positive."""
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
