"""The order of promises and of their measures, worst first: the only one, for pages, report, board and digest.

Here: missed by distance to the target, then severity, then cases; then the other verdicts in their order; how far a measure
moved. Not here: asking a snapshot (promises.py).
"""

from __future__ import annotations

from promisekept.presentation.formats import SHARES
from promisekept.presentation.statuses import SEVERITIES, VERDICTS
from promisekept.publishing.reader import Row

RANK = f"list_position({list(VERDICTS)}, status)"
"""SQL: the place of a status, the worst first."""

SEVERITY_RANK = f"list_position({list(SEVERITIES)}, severity)"
"""SQL: the place of a severity, the gravest first."""

DISTANCE = f"""case
    when status <> 'missed' then null
    when list_contains({list(SHARES)}, unit) then abs(value - target)
    when unit not in ('days', 'hours') then abs(value - target) / nullif(units, 0)
end"""
"""SQL: how far a missed measure is from its target, 1 being a hundred percentage points.

A count is taken as a share of its population; a duration has none, and so no distance.
"""

MEASURES = f"""{RANK}, {DISTANCE} desc nulls last, breaches desc nulls last, coalesce(operator = '>=' or target = 1, false) desc,
    control_id, metric_code, dimension, dimension_value"""
"""SQL: the order of the rows of `fct_control_results` of one promise.

Of measures that are equally well kept, a rate to be reached counts before a count of what must not happen.
"""

_RANKS = {status: place for place, status in enumerate(VERDICTS)}
_GRAVITY = {severity: place for place, severity in enumerate(SEVERITIES)}

Place = tuple[int, float, int, int, str]


def place_of(status: str, distance: float | None, severity: str | None, cases: int | None, clause_id: str) -> Place:
    """Where a promise stands among others: a key to sort by.

    Args:
        status: its verdict.
        distance: of the measure that made the verdict, as `DISTANCE` gives it; None where it has none.
        severity: the gravest of its findings in the period; None without any.
        cases: single cases against the measure that made the verdict.
        clause_id: its own reference, by which equals are ordered.
    """
    gap = -1.0 if distance is None or status != "missed" else distance
    return _RANKS[status], -gap, _GRAVITY.get(severity or "", len(_GRAVITY)), -(cases or 0), clause_id


def improvement(was: Row, becomes: Row) -> float | None:
    """How much nearer to its target a measure came, or farther on its right side, 0.01 being a point; None for a duration."""
    before, after = _shortfall(was), _shortfall(becomes)
    return None if before is None or after is None else before - after


def _shortfall(row: Row) -> float | None:
    """How far a measure is on the wrong side of its target, as a share; negative on the right side."""
    if row["value"] is None or row["target"] is None:
        return None
    gap = {">=": row["target"] - row["value"], "<=": row["value"] - row["target"]}.get(
        row["operator"], abs(row["value"] - row["target"])
    )
    if row["unit"] in SHARES:
        return float(gap)
    return None if row["unit"] in ("days", "hours") or not row["units"] else float(gap / row["units"])
