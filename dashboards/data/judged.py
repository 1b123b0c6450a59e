"""What a promise asks of a metric and whether it was kept, for the cards of a page; and whether there is anything to show.

Here: verdicts of `fct_control_results` on a metric over one dimension, whether a mart holds anything. Not here: the figures
(metrics.py), verdicts on a metric whatever the dimension (measures.py), verdicts by promise (promises.py).
"""

from __future__ import annotations

from dashboards.data.metrics import ALL
from dashboards.data.query import Row, cached, rows
from dashboards.periods import Period
from dashboards.snapshots import Ref
from dashboards.words import PROMISES


@cached
def verdicts(ref: Ref, codes: tuple[str, ...], period: Period, over: tuple[str, str | None] = ALL) -> dict[str, Row]:
    """Of each metric that a promise names: `operator, target, unit, status, reason`; of several promises the one worst kept.

    Args:
        ref: the snapshot.
        codes: metrics.
        period: of the verdicts.
        over: a dimension and its value; without a value the promises on any of its values.
    """
    found = rows(
        ref,
        """
        select distinct on (metric_code) metric_code, operator, target, unit, status, reason from marts.fct_control_results
        where list_contains($codes::varchar[], metric_code) and dimension = $dimension
            and ($value::varchar is null or dimension_value = $value)
            and period_grain = $grain and period_start is not distinct from $start::date
        order by metric_code, list_position($ranks::varchar[], status), control_id, dimension_value
        """,
        {
            "codes": list(codes),
            "dimension": over[0],
            "value": over[1],
            "grain": period.grain,
            "start": period.start,
            "ranks": list(PROMISES),
        },
    )
    return {row["metric_code"]: row for row in found}


_MARTS = (
    *("fct_records", "fct_erasures", "fct_collections", "fct_processing"),
    *("fct_incidents", "fct_policy_versions", "fct_consents"),
)


@cached
def holds(ref: Ref, mart: str) -> bool:
    """Does the snapshot hold anything in one of these marts? An older one may not have the mart at all."""
    if mart not in _MARTS:
        raise KeyError(mart)
    known = "select 1 from information_schema.tables where table_schema = 'marts' and table_name = $mart"
    return bool(rows(ref, known, {"mart": mart})) and bool(rows(ref, f"select 1 from marts.{mart} limit 1"))
