"""Answered on time, for combinations of filters that no mart holds; defined as in the mart, which a test compares.

Here: adherence counted over `fct_requests`. Not here: what `fct_metrics` holds already (metrics.py).
"""

from __future__ import annotations

from datetime import date

from dashboards.data.filters import within
from dashboards.data.metrics import Figure, share
from dashboards.data.query import Row, cached, first, rows
from dashboards.data.request_filters import Filters
from dashboards.snapshots import Ref
from promisekept.presentation import periods

_JUDGED = "in ('closed_on_time', 'closed_late', 'open_overdue')"


@cached
def adherence(ref: Ref, filters: Filters, start: date | None, end: date | None, *, strict: bool = False) -> Figure:
    """Answered on time, for a combination of filters that no mart holds; defined as in the mart."""
    status = "strict_status" if strict else "status"
    row = first(
        ref,
        f"""
        select count(*) filter ({status} = 'closed_on_time') as k, count(*) filter ({status} {_JUDGED}) as n
        from marts.fct_requests
        where coalesce(regime_code, '') <> 'DECLARED' and {within("coalesce(due_date, closed_date)")} and {filters.selected}
        """,
        {"start": start, "end": end, **filters.bound()},
    )
    return share(row["k"], row["n"])


@cached
def still_to_come(ref: Ref, filters: Filters, start: date | None, end: date | None, today: date) -> Row:
    """Of the due dates of a period that lie after `today`: `answered` before theirs, which the rate counts, and `open`."""
    return first(
        ref,
        f"""
        select count(*) filter (status = 'closed_on_time') as answered, count(*) filter (status = 'open_in_time') as open
        from marts.fct_requests
        where coalesce(regime_code, '') <> 'DECLARED' and due_date > $today and {within("due_date")} and {filters.selected}
        """,
        {"start": start, "end": end, "today": today, **filters.bound()},
    )


@cached
def monthly_adherence(ref: Ref, filters: Filters, first_month: date, last_month: date) -> list[tuple[date, Figure]]:
    """The same by month, from one month to another; each by its first day."""
    found = rows(
        ref,
        f"""
        select date_trunc('month', coalesce(due_date, closed_date))::date as month,
            count(*) filter (status = 'closed_on_time') as k, count(*) as n
        from marts.fct_requests
        where coalesce(regime_code, '') <> 'DECLARED' and status {_JUDGED}
            and {within("coalesce(due_date, closed_date)")} and {filters.selected}
        group by month order by month
        """,
        {"start": first_month, "end": periods.containing(last_month, "month").end, **filters.bound()},
    )
    return [(row["month"], share(row["k"], row["n"])) for row in found]
