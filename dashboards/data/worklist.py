"""The open requests, a page of rows at a time, and one request with all that is known of it.

Here: rows of `fct_requests` and `fct_request_traces`. Not here: counts over them (population.py).
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from dashboards.data.filters import limits
from dashboards.data.query import Row, cached, first, rows
from dashboards.data.request_filters import DUE_BEFORE, OPEN, TODAY, Filters, SnapshotDate
from dashboards.snapshots import Ref

LISTS = {
    "overdue": "status = 'open_overdue'",
    "due": "due_soon",
    "paused": "status = 'paused'",
    "open": "true",
}
"""Which list (as in the address) -> its condition."""

ORDERS = {
    "due": "due_date nulls last, received_date",
    "received": "received_date",
    "request": "request_id",
    "place": "jurisdiction, due_date nulls last",
    "right": "right_type, due_date nulls last",
}
"""Order (as in the address) -> its columns. Nothing else ever reaches an ORDER BY."""

Which = tuple[str, str, date | None]
"""A key of LISTS, a key of ORDERS, a day."""

_CAUSE = """
    case
        when has_conflict then 'conflicting_versions'
        when status = 'paused' then 'clock_stands'
        when status = 'no_rule' then 'without_rule'
        when extension_status = 'late' then 'extension_late'
        when extension_status = 'not_permitted' then 'extension_not_permitted'
        when unpermitted_pause_days > 0 then 'pause_not_permitted'
        when status = 'open_in_time' then 'not_due'
        when ack_status = 'open_overdue' then 'not_acknowledged'
        else 'no_answer'
    end
"""


@cached
def page(ref: Ref, filters: Filters, which: Which, at: SnapshotDate, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of a list.

    Args:
        ref: the snapshot.
        filters: which requests.
        which: a list, its order, and the day before which its requests are due; None for all.
        at: when, for the days that are left.
        rows_from_to: the first row, counted from 0, and the one after the last.
    """
    return rows(
        ref,
        f"""
        select request_key, request_id, right_type, jurisdiction, regime_code, received_date, due_date, source, channel,
            case when due_soon then 'due_soon' else status end as status,
            (due_date - {TODAY}) as days_left, {_CAUSE} as cause
        from marts.fct_requests
        where {OPEN} and {LISTS[which[0]]} and {DUE_BEFORE} and {filters.selected}
        order by {ORDERS[which[1]]}, request_key
        limit $size offset $skipped
        """,
        {**at.bound(), **filters.bound(), "before": which[2], **limits(rows_from_to)},
    )


@cached
def request(ref: Ref, key: str) -> Row:
    """One request's row, or an empty dictionary where there is none of that key."""
    return first(ref, "select * from marts.fct_requests where request_key = $key", {"key": key})


@cached
def trace(ref: Ref, key: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The steps of a request's deadline, and the landed rows that it rests on, in their order."""
    row = first(ref, "select * from marts.fct_request_traces where request_key = $key", {"key": key})
    return _parsed(row.get("trace")), _parsed(row.get("provenance"))


@cached
def siblings(ref: Ref, namespace: str, request_id: str, key: str) -> list[Row]:
    """The other rights of the same request."""
    return rows(
        ref,
        """
        select request_key, right_type, status from marts.fct_requests
        where namespace = $namespace and request_id = $request_id and request_key <> $key order by right_type
        """,
        {"namespace": namespace, "request_id": request_id, "key": key},
    )


def _parsed(value: Any) -> list[dict[str, Any]]:
    """A list of objects, whether the mart holds it as JSON or as a list; instants are aware either way."""
    items = json.loads(value) if isinstance(value, str) else value or []
    for item in items:
        if isinstance(item.get("occurred_at"), str):
            item["occurred_at"] = datetime.fromisoformat(item["occurred_at"])
    return [dict(item) for item in items]
