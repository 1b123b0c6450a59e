"""What was done about groups of findings, as the snapshot holds it.

Here: rows of `fct_remediation_events`, and who the pack names as owners. Not here: the state of a group (finding_groups.py), what
is recorded and not in the snapshot yet (remediating.py).
"""

from __future__ import annotations

from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref


def has_mart(ref: Ref, name: str) -> bool:
    """Whether a snapshot has a mart; one that another version published may lack it."""
    sql = "select count(*) as n from duckdb_tables() where schema_name = 'marts' and table_name = $name"
    return bool(first(ref, sql, {"name": name})["n"])


@cached
def events(ref: Ref, group_key: str) -> list[Row]:
    """What was done about a group, newest first; withdrawals stand as `is_withdrawn` of what they strike."""
    if not has_mart(ref, "fct_remediation_events"):
        return []
    return rows(
        ref,
        """
        select * from marts.fct_remediation_events where group_key = $key and event_type <> 'withdrawn'
        order by occurred_at desc, event_id
        """,
        {"key": group_key},
    )


@cached
def shown_act_ids(ref: Ref) -> frozenset[str]:
    """The ids of all acts that the snapshot holds."""
    if not has_mart(ref, "fct_remediation_events"):
        return frozenset()
    return frozenset(row["event_id"] for row in rows(ref, "select event_id from marts.fct_remediation_events"))


@cached
def owners(ref: Ref) -> list[str]:
    """Everybody whom the pack names as an owner."""
    found = rows(ref, "select distinct unnest(string_split(owner, '; ')) as owner from marts.dim_clauses order by 1")
    return [row["owner"] for row in found]
