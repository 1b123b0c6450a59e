"""Incidents with their notification deadlines: those with a running deadline first, then the newest.

Here: rows of `fct_incidents`. Not here: their figures in a period (`fct_metrics`).
"""

from __future__ import annotations

from dashboards.data.filters import any_of, bounds, limits, within
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period
from promisekept.presentation.statuses import INCIDENTS

_OF = f"({within('detected_date')} or status in ('open_overdue', 'open_in_time')) and {any_of('status', 'status')}"


@cached
def statuses(ref: Ref) -> tuple[str, ...]:
    """The statuses that incidents have, worst first: the allow-list of the filter."""
    present = {row["status"] for row in rows(ref, "select distinct status from marts.fct_incidents")}
    return tuple(status for status in INCIDENTS if status in present)


@cached
def now(ref: Ref) -> Row:
    """At as_of: all incidents ever, those with a running deadline and when the first ends, those overdue and since when."""
    return first(
        ref,
        """
        select count(*) as known, count(*) filter (status = 'open_in_time') as running,
            min(authority_due_at) filter (status = 'open_in_time') as next_due,
            count(*) filter (status = 'open_overdue') as overdue,
            min(authority_due_at) filter (status = 'open_overdue') as oldest_due,
            count(*) filter (assessed_overdue) as assessed_overdue
        from marts.fct_incidents
        """,
    )


@cached
def count(ref: Ref, status: tuple[str, ...], period: Period) -> int:
    """How many incidents were detected in a period or have a running deadline."""
    values = {**bounds(period), "status": list(status)}
    return int(first(ref, f"select count(*) as n from marts.fct_incidents where {_OF}", values)["n"])


@cached
def incident(ref: Ref, key: str) -> Row:
    """One incident, or an empty dictionary where there is none of that key."""
    return first(ref, "select * from marts.fct_incidents where incident_key = $key", {"key": key})


@cached
def page(ref: Ref, status: tuple[str, ...], period: Period, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of them: those with a running deadline first, by its end, then the newest."""
    return rows(
        ref,
        f"""
        select * from marts.fct_incidents where {_OF}
        order by list_position(['open_overdue', 'open_in_time'], status) nulls last,
            if(status in ('open_overdue', 'open_in_time'), authority_due_at, null), detected_at desc, incident_key
        limit $size offset $skipped
        """,
        {**bounds(period), "status": list(status), **limits(rows_from_to)},
    )
