"""Collections of data: who was notified at or before them, by type and feature, and who was not.

Here: questions to `fct_collections`; shares of one type or feature stand in `fct_metrics`. Not here: processing (processing.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dashboards.data.filters import Chosen, bounds, limits, within
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period


@dataclass(frozen=True, slots=True)
class CollectionFilters(Chosen):
    """The types of collection and the features that a reader chose."""

    DIMENSIONS: ClassVar = {"type": "collection_type", "feature": "feature"}
    type: tuple[str, ...] = ()
    feature: tuple[str, ...] = ()


_WITHIN, _FILTERED = within("occurred_date"), CollectionFilters.condition()


@cached
def values(ref: Ref, name: str) -> tuple[str, ...]:
    """The values that a filter may have, in order: its allow-list."""
    column = CollectionFilters.DIMENSIONS[name]
    return tuple(
        row["value"]
        for row in rows(
            ref, f"select distinct {column} as value from marts.fct_collections where {column} is not null order by 1"
        )
    )


@cached
def counts(ref: Ref, what: CollectionFilters, period: Period) -> Row:
    """Of the collections in a period: all, notified in time, not notified, exempt, with a category that nobody listed."""
    return first(
        ref,
        f"""
        select count(*) as collections, count(*) filter (ok_notice) as notified, count(*) filter (not ok_notice) as not_notified,
            count(*) filter (ok_notice is null) as exempt, count(*) filter (not ok_categories) as unlisted,
            count(*) filter (ok_categories is not null) as listable
        from marts.fct_collections where {_WITHIN} and {_FILTERED}
        """,
        {**bounds(period), **what.bound()},
    )


@cached
def by_type(ref: Ref, what: CollectionFilters, period: Period) -> list[Row]:
    """The same by type and feature, those with most people not notified first."""
    return rows(
        ref,
        f"""
        select collection_type, feature, count(*) as collections, count(*) filter (ok_notice) as notified,
            count(*) filter (not ok_notice) as not_notified, count(*) filter (ok_notice is null) as exempt,
            count(*) filter (not ok_notice and notice_shown_at > occurred_at) as notified_late,
            count(*) filter (not ok_notice and notice_shown_at <= occurred_at) as notified_of_no_policy
        from marts.fct_collections where {_WITHIN} and {_FILTERED}
        group by all order by not_notified desc, collections desc, collection_type, feature nulls first
        """,
        {**bounds(period), **what.bound()},
    )


@cached
def not_notified_rows(ref: Ref, what: CollectionFilters, period: Period, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the collections whose persons were not notified by then, newest first."""
    return rows(
        ref,
        f"""
        select event_id, occurred_at, collection_type, feature, data_categories, purpose_code, notice_shown_at, jurisdiction,
            source, batch_id, row_number
        from marts.fct_collections
        where not ok_notice and {_WITHIN} and {_FILTERED}
        order by occurred_at desc, namespace, event_id limit $size offset $skipped
        """,
        {**bounds(period), **what.bound(), **limits(rows_from_to)},
    )
