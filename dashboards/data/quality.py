"""Whether the figures may be trusted: sources, rows accounted for, refused rows, the source gate.

Here: `audit_sources`, `audit_quarantine`, `audit_source_verdicts`. Not here: the publish gate, whose verdict lies beside
the snapshot (`Snapshot.quality`).
"""

from __future__ import annotations

from dashboards.data.query import Row, cached, rows
from dashboards.snapshots import Ref

CLASSES = ("landed", "duplicate", "superseding", "conflicting", "quarantined")
"""What became of the rows that were read; every one is in exactly one class."""


@cached
def sources(ref: Ref) -> list[Row]:
    """Every source: its freshness at as_of, its newest row, and read = landed + duplicate + ... + quarantined."""
    return rows(ref, "select * from marts.audit_sources order by log, source")


@cached
def quarantine(ref: Ref) -> list[Row]:
    """Refused rows by reason and column, most first: `reason, column_name, rows`."""
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


def freshness(row: Row) -> str:
    """A code of words.CHECKS: `fresh`, `stale`, or `unknown` where nothing is expected of the source."""
    return "unknown" if row["is_fresh"] is None else "fresh" if row["is_fresh"] else "stale"
