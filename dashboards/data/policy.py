"""Versions of the policy: when each was published and took effect, and who was notified before.

Here: rows of `fct_policy_versions`, and what refers to a version. Not here: figures of a period (`fct_metrics`).
"""

from __future__ import annotations

from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref


@cached
def versions(ref: Ref) -> list[Row]:
    """Every version, the newest first."""
    return rows(
        ref,
        """
        select * from marts.fct_policy_versions
        order by coalesce(effective_at, published_at) desc nulls first, policy_version desc, policy_version_key
        """,
    )


@cached
def consents(ref: Ref, version: str) -> Row:
    """Consents that were given under a version, and how many of them can be proven."""
    return first(
        ref,
        """
        select count(*) as given, count(*) filter (provable) as provable
        from marts.fct_consents where policy_version = $version and state = 'active'
        """,
        {"version": version},
    )


@cached
def collections(ref: Ref, version: str) -> Row:
    """Collections whose notice named a version, and how many of them while it was in force."""
    return first(
        ref,
        """
        select count(*) as collections, count(*) filter (ok_policy_version) as in_force
        from marts.fct_collections where policy_version = $version
        """,
        {"version": version},
    )
