"""Counts over the requests: what was excluded or paused, the waterfall, the survival curve, what is open now.

Here: questions to `fct_requests`. Not here: which requests (request_filters.py), rates (adherence.py), rows (worklist.py).
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.data.filters import bounds, within
from dashboards.data.query import Row, cached, first, rows, table
from dashboards.data.request_filters import DUE_BEFORE, OPEN, TODAY, Filters, SnapshotDate
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period


@cached
def received(ref: Ref, filters: Filters, period: Period) -> Row:
    """Of the requests received in a period: all, best possible, what was excluded or paused, and closed with their days."""
    return first(
        ref,
        f"""
        select
            count(*) as received,
            count(*) filter (status in ('closed_on_time', 'open_in_time', 'paused')) as possible,
            count(*) filter (status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue')) as due,
            count(*) filter (status = 'excluded') as excluded,
            count(*) filter (status = 'paused') as paused,
            count(*) filter (closed_while_paused) as closed_while_paused,
            count(*) filter (closed_date is not null and status <> 'excluded') as closed,
            count(*) filter (closed_date is not null and status <> 'excluded' and outcome = 'denied') as denied
        from marts.fct_requests
        where {within("received_date")} and {filters.selected}
        """,
        {**bounds(period), **filters.bound()},
    )


def excluded_or_paused(got: Row) -> str:
    """What was excluded or paused, as `received` counted, each with its denominator."""
    ways = ", ".join(f"{got[name]:,} {name.replace('_', ' ')}" for name in ("excluded", "paused", "closed_while_paused"))
    return f"{got['received']:,} received: {ways}; {got['denied']:,} denied of {got['closed']:,} closed"


@cached
def days_to_answer(ref: Ref, filters: Filters, period: Period) -> Row:
    """Median and 90th percentile of the requests closed in a period, and how many those are."""
    return first(
        ref,
        f"""
        select count(*) as closed, quantile_cont(days_to_close, 0.5) as median, quantile_cont(days_to_close, 0.9) as p90
        from marts.fct_requests
        where closed_date is not null and status <> 'excluded' and {within("closed_date")} and {filters.selected}
        """,
        {**bounds(period), **filters.bound()},
    )


@cached
def waterfall(ref: Ref, filters: Filters, period: Period) -> dict[str, int]:
    """How many of the requests received in a period are in each status."""
    found = rows(
        ref,
        f"""
        select status, count(*) as n from marts.fct_requests
        where {within("received_date")} and {filters.selected}
        group by status
        """,
        {**bounds(period), **filters.bound()},
    )
    return {row["status"]: row["n"] for row in found}


@cached
def survival(ref: Ref, filters: Filters, period: Period) -> pd.DataFrame:
    """Kaplan-Meier: `day, at_risk, closed, still_open, low, high` (share open after that day, 95% by Greenwood).

    Of the requests received in the period that did not leave the population; those still open are censored at as_of.
    """
    return table(
        ref,
        f"""
        with lives as (
            select coalesce(days_to_close, days_open) as day, days_to_close is not null as is_closed
            from marts.fct_requests
            where status <> 'excluded' and coalesce(days_to_close, days_open) is not null
                and {within("received_date")} and {filters.selected}
        ),
        days as (select day, count(*) as ended, count(*) filter (is_closed) as closed from lives group by day),
        risks as (select day, closed, sum(ended) over (order by day desc) as at_risk from days),
        curve as (
            select
                day, at_risk, closed,
                product(1 - closed / at_risk) over (order by day) as still_open,
                sum(if(at_risk > closed, closed / (at_risk * (at_risk - closed)), 0)) over (order by day) as variance
            from risks
        )
        select
            day, at_risk::bigint as at_risk, closed, still_open,
            greatest(0, still_open * (1 - 1.959964 * sqrt(variance))) as low,
            least(1, still_open * (1 + 1.959964 * sqrt(variance))) as high
        from curve order by day
        """,
        {**bounds(period), **filters.bound()},
    )


@cached
def open_now(ref: Ref, filters: Filters, at: SnapshotDate, before: date | None = None) -> Row:
    """What is open at as_of (and due before a day): all, overdue, due soon, paused, and the extremes of their dates."""
    return first(
        ref,
        f"""
        select
            count(*) as open,
            count(*) filter (status = 'open_overdue') as overdue,
            count(*) filter (due_soon) as due,
            count(*) filter (status = 'paused') as paused,
            max(days_overdue) filter (status = 'open_overdue') as oldest,
            count(*) filter (status = 'open_overdue' and extension_status = 'late') as late_notices,
            min(due_date - {TODAY}) filter (due_soon) as nearest,
            max(due_date) filter (due_soon) as last
        from marts.fct_requests where {OPEN} and {DUE_BEFORE} and {filters.selected}
        """,
        {**at.bound(), **filters.bound(), "before": before},
    )


@cached
def ages(ref: Ref, filters: Filters, at: SnapshotDate) -> list[Row]:
    """Open requests with a due date, by whole days to it (negative = overdue) and status."""
    return rows(
        ref,
        f"""
        select (due_date - {TODAY}) as days_left, status, count(*) as n
        from marts.fct_requests
        where {OPEN} and due_date is not null and status in ('open_in_time', 'open_overdue') and {filters.selected}
        group by all order by days_left
        """,
        {**at.bound(), **filters.bound()},
    )


@cached
def without_control_total(ref: Ref) -> list[str]:
    """The sources of the requests log whose rows no independent count confirms."""
    found = rows(
        ref, "select source from marts.audit_sources where log = 'requests' and not coalesce(has_control_total, false) order by 1"
    )
    return [row["source"] for row in found]
