"""What a promise asks of a metric and whether it was kept, for the cards of a page; and whether there is anything to show.

Here: verdicts of `fct_control_results` on a metric, which marts there are and whether they hold anything. Not here: the
figures (metrics.py), verdicts by promise (promises.py).
"""

from __future__ import annotations

from dashboards.data.metrics import ALL
from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period
from promisekept.presentation.statuses import VERDICTS


@cached
def verdicts(ref: Ref, codes: tuple[str, ...], period: Period, over: tuple[str, str | None] | None = ALL) -> dict[str, Row]:
    """Of each metric that a promise names: its verdict with target and reason; of several promises the one worst kept.

    Args:
        ref: the snapshot.
        codes: metrics.
        period: of the verdicts.
        over: a dimension and its value; without a value the promises on any of its values; None for all dimensions.
    """
    found = rows(
        ref,
        """
        select distinct on (metric_code) metric_code, operator, target, unit, status, reason, breaches, has_control_total
        from marts.fct_control_results
        where list_contains($codes::varchar[], metric_code)
            and ($dimension::varchar is null or dimension = $dimension)
            and ($value::varchar is null or dimension_value = $value)
            and period_grain = $grain and period_start is not distinct from $start::date
        order by metric_code, list_position($ranks::varchar[], status), control_id, dimension, dimension_value
        """,
        {
            "codes": list(codes),
            "dimension": over and over[0],
            "value": over and over[1],
            "grain": period.grain,
            "start": period.start,
            "ranks": list(VERDICTS),
        },
    )
    return {row["metric_code"]: row for row in found}


_MARTS = (
    *("fct_records", "fct_erasures", "fct_collections", "fct_processing"),
    *("fct_incidents", "fct_policy_versions", "fct_consents"),
)


@cached
def has(ref: Ref, *marts: str) -> bool:
    """Does the snapshot hold all of these marts, whether with rows or without?"""
    query = "select table_name from information_schema.tables where table_schema = 'marts'"
    return {row["table_name"] for row in rows(ref, query)}.issuperset(marts)


@cached
def holds(ref: Ref, mart: str) -> bool:
    """Does the snapshot hold anything in one of these marts? An older one may not have the mart at all."""
    if mart not in _MARTS:
        raise KeyError(mart)
    return has(ref, mart) and bool(rows(ref, f"select 1 from marts.{mart} limit 1"))
