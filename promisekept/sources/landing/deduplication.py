"""Duplicate, superseding, conflicting or landed: what a valid row is to the rows that landed before it.

Here: finding the few rows whose id was seen before (by event id alone, the rest is never compared) and classing them.
Not here: which version counts in the end; staging resolves that from the `collides` flag, because a later row may
settle it. Validity comes first: rejected rows take no part.

Inputs in the sandbox database: `typed`, `persons` and `refused(_n)`.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from promisekept.sources.contract import Log
from promisekept.sources.landing.pseudonymisation import keyed_content
from promisekept.sources.sandbox import quoted, scalar
from promisekept.sources.zone.batches import Stored, scan

CLASSES = ("landed", "duplicate", "superseding", "conflicting")
_MET = {
    "seen": "hash(event_id) in (select id from seen)",
    "known_ids": "event_id in (select event_id from known_ids)",
    "waiting_ids": "event_id in (select event_id from waiting_ids)",
}
"""Where an id may have been met before, and the condition for a row whose id was; where nothing is, rows are not asked."""


def classify(
    connection: duckdb.DuckDBPyConnection, log: Log, namespace: str, known: Sequence[Stored], waiting: Sequence[Stored]
) -> bool:
    """Create `classes(_n, class, collides)` for the rows whose id occurs more than once; all others are `landed`.

    Args:
        connection: the sandbox database.
        log: whose contract.
        namespace: where ids are unique; `known` may hold others.
        known: files of the rows of this log that count so far.
        waiting: files of rows that count until they are landed again, later in the same act: their ids collide, so that
            staging is right at each moment between, but no row is dropped or classed because of them.

    Returns:
        Whether there is any such row.
    """
    connection.execute(
        "create temp table seen as select id from (select hash(event_id) as id from typed) group by id having count(*) > 1"
    )
    before = scan(known, log.landed)
    for name, rows in (("known_ids", before), ("waiting_ids", scan(waiting, log.landed))):
        connection.execute(
            f"""create temp table {name} as select distinct event_id from ({rows})
            where namespace = $namespace and event_id in (select event_id from typed)""",
            {"namespace": namespace},
        )
    found = [name for name in _MET if scalar(connection, f"select count(*) from {name}")]
    if not found:
        return False
    columns = ", ".join(quoted(name) for name in log.content)
    # The few rows are chosen before their persons are looked up, which would otherwise be done for all.
    few = f"""select * from typed
        where ({" or ".join(_MET[name] for name in found)}) and _n not in (select _n from refused)"""
    connection.execute(f"create temp table met as select _n, {columns} from ({keyed_content(log, rows=few)})")
    connection.execute(
        f"""create temp table known as select distinct {columns} from ({before})
        where namespace = $namespace and event_id in (select event_id from known_ids)""",
        {"namespace": namespace},
    )
    same = " and ".join(f"met.{quoted(name)} is not distinct from known.{quoted(name)}" for name in log.content)
    connection.execute(
        f"""create temp table distinct_rows as
        select _n, event_id, revision from met anti join known on {same}
        qualify row_number() over (partition by {columns} order by _n) = 1"""
    )
    connection.execute("""
        create temp table classes as
        with known_revisions as (select event_id, revision from known group by all),

        known_events as (select event_id, max(revision) as highest from known group by event_id),

        placed as (
            select
                rest._n,
                known_events.event_id is not null or row_number() over (partition by rest.event_id order by rest._n) > 1
                    as is_later,
                known_revisions.event_id is not null
                    or row_number() over (partition by rest.event_id, rest.revision order by rest._n) > 1 as has_rival,
                greatest(known_events.highest, max(rest.revision) over (partition by rest.event_id)) > rest.revision
                    as is_settled,
            from distinct_rows as rest
            left join known_events on rest.event_id = known_events.event_id
            left join known_revisions on rest.event_id = known_revisions.event_id and rest.revision = known_revisions.revision
        )

        select
            met._n,
            case
                when placed._n is null then 'duplicate'
                when not placed.is_later then 'landed'
                when placed.has_rival and not placed.is_settled then 'conflicting'
                else 'superseding'
            end as class,
            class in ('superseding', 'conflicting') or met.event_id in (select event_id from waiting_ids) as collides,
        from met
        left join placed on met._n = placed._n
    """)
    return True


def kept(*, met: bool, refused: bool) -> str:
    """The rows of `content` that are neither duplicates nor refused, as a FROM clause; what there is none of is not asked."""
    conditions = (["classes.class is distinct from 'duplicate'"] if met else []) + (
        ["content._n not in (select _n from refused)"] if refused else []
    )
    return f"""content {"left join classes on content._n = classes._n" if met else ""}
    {"where " + " and ".join(conditions) if conditions else ""}"""
