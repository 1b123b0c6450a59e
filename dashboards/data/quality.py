"""Whether the figures may be trusted: sources, rows accounted for, rejected rows, the source gate.

Here: `audit_sources`, `audit_quarantine`, `audit_source_verdicts`, `fct_source_completeness`. Not here: the publish gate, whose
verdict lies beside the snapshot (`Snapshot.quality`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref


@cached
def sources(ref: Ref) -> list[Row]:
    """Every source: its freshness at as_of, its newest row, and read = landed + duplicate + ... + quarantined."""
    return rows(ref, "select * from marts.audit_sources order by log, source")


@cached
def quarantine(ref: Ref) -> list[Row]:
    """Rejected rows by reason and column, most first: `reason, column_name, rows`."""
    return rows(
        ref,
        """
        select reason, column_name, sum(rows)::bigint as rows from marts.audit_quarantine
        group by all order by rows desc, reason, column_name
        """,
    )


@cached
def source_verdicts(ref: Ref) -> list[Row]:
    """What the source gate found of each log and source."""
    return rows(ref, "select * from marts.audit_source_verdicts order by log, source nulls first, suite")


@cached
def compared(ref: Ref) -> list[Row]:
    """The sources that somebody else counts, or that number their rows: days stated, days that differ, numbers missing."""
    return rows(
        ref,
        """
        select source, count(stated) as stated_days, count(*) filter (difference <> 0) as differing_days,
            count(*) filter (unstated_reason = 'day_not_stated' and events > 0) as unstated_days,
            sum(missing_numbers)::bigint as missing_numbers
        from marts.fct_source_completeness
        group by source having count(stated) > 0 or count(missing_numbers) > 0
        order by source
        """,
    )


@cached
def differing_days(ref: Ref) -> list[Row]:
    """The days of which a source counts another number of events than have landed, newest first.

    Snapshots of versions before the column have no `missing_events`.
    """
    return rows(ref, "select * from marts.fct_source_completeness where difference <> 0 order by day desc, source")


_PATIENCE = 30
"""Days without rows after which a source is stale of which nothing is expected."""


def freshness(row: Mapping[str, Any]) -> str:
    """A code of statuses.CHECKS: `fresh`, `stale`, `unread`, or `unknown` where nothing is expected of the source.

    Snapshots of versions before the column have no `unread_since`.
    """
    if row.get("unread_since") is not None:
        return "unread"
    if row["is_fresh"] is None:
        return "stale" if without_rows(row) else "unknown"
    return "fresh" if row["is_fresh"] else "stale"


def without_rows(row: Mapping[str, Any]) -> int | None:
    """For how many days a source without a schedule had no row, where that is too long."""
    if row["is_fresh"] is not None or row["last_event_at"] is None:
        return None
    days = int((row["as_of"] - row["last_event_at"]).days)
    return days if days > _PATIENCE else None
