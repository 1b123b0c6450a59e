"""Which requests a page speaks about, and counts over them.

Here: the filters, the waterfall, the survival curve, what is open now; all from `fct_requests`. Not here: rows for a
worklist (worklist.py), or figures that a mart holds already (metrics.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboards.data.metrics import Figure
from dashboards.data.query import Row, cached, first, rows, table
from dashboards.periods import Period
from dashboards.snapshots import Ref


@dataclass(frozen=True, slots=True)
class Filters:
    """The values that a reader chose; an empty one chooses all."""

    right: tuple[str, ...] = ()
    jurisdiction: tuple[str, ...] = ()
    regime: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Every (filter, value) in force."""
        return tuple((name, value) for name in COLUMNS for value in getattr(self, name))

    @property
    def single(self) -> tuple[str, str] | None:
        """The dimension and value that `fct_metrics` holds figures for: all, or the only one chosen; else None."""
        if not self.chosen:
            return "all", "all"
        return (COLUMNS[self.chosen[0][0]], self.chosen[0][1]) if len(self.chosen) == 1 else None

    def bound(self) -> dict[str, Any]:
        """The values as they are bound."""
        return {name: list(getattr(self, name)) for name in COLUMNS}


COLUMNS = {"right": "right_type", "jurisdiction": "jurisdiction", "regime": "regime_code", "channel": "channel"}
"""Filter (as in the address) -> column."""

FILTERED = " and ".join(f"(len(${name}::varchar[]) = 0 or list_contains(${name}::varchar[], {column}))" for name, column in COLUMNS.items())
OPEN = "closed_date is null and status not in ('excluded', 'closed_on_time', 'closed_late')"
_JUDGED = "in ('closed_on_time', 'closed_late', 'open_overdue')"


def within(column: str) -> str:
    """SQL: a date lies in the period bound as $start and $end, or there are no bounds."""
    return f"($start::date is null or ({column} >= $start::date and {column} < $end::date))"


def bounds(period: Period) -> dict[str, date | None]:
    """The period as it is bound."""
    return {"start": period.start, "end": period.end}


@cached
def adherence(ref: Ref, filters: Filters, start: date | None, end: date | None, *, strict: bool = False) -> Figure:
    """Answered on time, for a combination of filters that no mart holds; defined as in the mart."""
    status = "strict_status" if strict else "status"
    row = first(
        ref,
        f"""
        select count(*) filter ({status} = 'closed_on_time') as k, count(*) filter ({status} {_JUDGED}) as n
        from marts.fct_requests
        where coalesce(regime_code, '') <> 'DECLARED' and {within("coalesce(due_date, closed_date)")} and {FILTERED}
        """,
        {"start": start, "end": end, **filters.bound()},
    )
    return Figure(row["k"] / row["n"] if row["n"] else None, row["k"], row["n"], None, "share")


@cached
def monthly_adherence(ref: Ref, filters: Filters, start: date, end: date) -> list[tuple[date, Figure]]:
    """The same by month."""
    found = rows(
        ref,
        f"""
        select date_trunc('month', coalesce(due_date, closed_date))::date as month,
            count(*) filter (status = 'closed_on_time') as k, count(*) as n
        from marts.fct_requests
        where coalesce(regime_code, '') <> 'DECLARED' and status {_JUDGED} and {within("coalesce(due_date, closed_date)")} and {FILTERED}
        group by month order by month
        """,
        {"start": start, "end": end, **filters.bound()},
    )
    return [(row["month"], Figure(row["k"] / row["n"], row["k"], row["n"], None, "share")) for row in found]


@cached
def received(ref: Ref, filters: Filters, period: Period) -> Row:
    """Of the requests received in a period: all, best possible, the ways out of the clock, and closed with their days."""
    return first(
        ref,
        f"""
        select
            count(*) as received,
            count(*) filter (status in ('closed_on_time', 'open_in_time', 'paused')) as possible,
            count(*) filter (status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue')) as judged,
            count(*) filter (status = 'excluded') as excluded,
            count(*) filter (status = 'paused') as paused,
            count(*) filter (closed_while_paused) as closed_while_paused,
            count(*) filter (closed_date is not null and status <> 'excluded') as closed,
            count(*) filter (closed_date is not null and status <> 'excluded' and outcome = 'denied') as denied
        from marts.fct_requests
        where {within("received_date")} and {FILTERED}
        """,
        {**bounds(period), **filters.bound()},
    )


@cached
def days_to_answer(ref: Ref, filters: Filters, period: Period) -> Row:
    """Median and 90th percentile of the requests closed in a period, and how many those are."""
    return first(
        ref,
        f"""
        select count(*) as closed, quantile_cont(days_to_close, 0.5) as median, quantile_cont(days_to_close, 0.9) as p90
        from marts.fct_requests
        where closed_date is not null and status <> 'excluded' and {within("closed_date")} and {FILTERED}
        """,
        {**bounds(period), **filters.bound()},
    )


@cached
def waterfall(ref: Ref, filters: Filters, period: Period) -> dict[str, int]:
    """How many of the requests received in a period are in each status."""
    found = rows(
        ref,
        f"select status, count(*) as n from marts.fct_requests where {within('received_date')} and {FILTERED} group by status",
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
            where status <> 'excluded' and coalesce(days_to_close, days_open) is not null and {within("received_date")} and {FILTERED}
        ),
        days as (select day, count(*) as ended, count(*) filter (is_closed) as closed from lives group by day),
        risks as (select day, closed, sum(ended) over (order by day desc) as at_risk from days),
        curve as (
            select
                day, at_risk, closed,
                product(1 - closed / at_risk) over (order by day) as still_open,
                sum(case when at_risk > closed then closed / (at_risk * (at_risk - closed)) else 0 end) over (order by day) as variance
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
def open_now(ref: Ref, filters: Filters, today: date, soon: date) -> Row:
    """What is open at as_of: all, overdue, due until `soon`, paused, and the most days overdue."""
    return first(
        ref,
        f"""
        select
            count(*) as open,
            count(*) filter (status = 'open_overdue') as overdue,
            count(*) filter (status = 'open_in_time' and due_date <= $soon) as due,
            count(*) filter (status = 'paused') as paused,
            max(days_overdue) filter (status = 'open_overdue') as oldest,
            count(*) filter (status = 'open_overdue' and extension_status = 'late') as late_notices,
            min(due_date - $today::date) filter (status = 'open_in_time' and due_date <= $soon) as nearest
        from marts.fct_requests where {OPEN} and {FILTERED}
        """,
        {"today": today, "soon": soon, **filters.bound()},
    )


@cached
def ages(ref: Ref, filters: Filters, today: date) -> list[Row]:
    """Open requests with a due date, by whole days to it (negative = overdue) and status."""
    return rows(
        ref,
        f"""
        select (due_date - $today::date) as days_left, status, count(*) as n
        from marts.fct_requests where {OPEN} and due_date is not null and status in ('open_in_time', 'open_overdue') and {FILTERED}
        group by all order by days_left
        """,
        {"today": today, **filters.bound()},
    )
