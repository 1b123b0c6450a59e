"""Deduplication at landing: a valid row is landed, a duplicate, a revision (`superseding`) or in conflict (`conflicting`).

Here: finding the few rows whose id was seen before (by event id alone, the rest is never compared) and comparing them with the
rows that landed earlier. Not here: choosing the winner, which staging does from the `collides` flag, because a later row may
settle it. Validity comes first: rejected rows take no part.
"""

from __future__ import annotations

from collections.abc import Sequence

from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.landing.pseudonymisation import keyed_content
from promisekept.sources.sandbox import quoted, scalar
from promisekept.sources.zone.batches import StoredFile, scan

OUTCOMES = ("landed", "duplicate", "superseding", "conflicting")
_MET = {
    "seen": "hash(event_id) in (select id from seen)",
    "earlier_ids": "event_id in (select event_id from earlier_ids)",
    "waiting_ids": "event_id in (select event_id from waiting_ids)",
}
"""Where an id may have been met before, and the condition for a row whose id was; where nothing is, rows are not compared."""


def deduplicate(batch: LandingBatch, earlier: Sequence[StoredFile], waiting: Sequence[StoredFile]) -> bool:
    """Create `OUTCOMES` for the events whose id occurs more than once; all others are `landed`.

    Args:
        batch: with typed events, persons and rejects.
        earlier: files of the rows of this log that count so far, of other namespaces as well.
        waiting: files of rows that count until they are landed again, later in the same act: their ids collide, so that
            staging is right at each moment between, but no row is dropped because of them.

    Returns:
        Whether there is any such row.
    """
    connection, log, namespace = batch.connection, batch.log, {"namespace": batch.source.namespace}
    connection.execute(
        f"""create temp table seen as
        select id from (select hash(event_id) as id from {batch.TYPED}) group by id having count(*) > 1"""
    )
    before = scan(earlier, log)
    for name, rows in (("earlier_ids", before), ("waiting_ids", scan(waiting, log))):
        connection.execute(
            f"""create temp table {name} as select distinct event_id from ({rows})
            where namespace = $namespace and event_id in (select event_id from {batch.TYPED})""",
            namespace,
        )
    found = [name for name in _MET if scalar(connection, f"select count(*) from {name}")]
    if not found:
        return False
    columns = ", ".join(quoted(name) for name in log.content)
    # The few rows are chosen before their persons are looked up, which would otherwise be done for all.
    few = f"""select * from {batch.TYPED}
        where ({" or ".join(_MET[name] for name in found)}) and _n not in (select _n from {batch.REJECTED})"""
    connection.execute(f"create temp table met as select _n, {columns} from ({keyed_content(batch, rows=few)})")
    connection.execute(
        f"""create temp table earlier_rows as select distinct {columns} from ({before})
        where namespace = $namespace and event_id in (select event_id from earlier_ids)""",
        namespace,
    )
    same = " and ".join(f"met.{quoted(name)} is not distinct from earlier_rows.{quoted(name)}" for name in log.content)
    connection.execute(
        f"""create temp table distinct_rows as
        select _n, event_id, revision from met anti join earlier_rows on {same}
        qualify row_number() over (partition by {columns} order by _n) = 1"""
    )
    connection.execute(f"""
        create temp table {batch.OUTCOMES} as
        with earlier_revisions as (select event_id, revision from earlier_rows group by all),

        earlier_events as (select event_id, max(revision) as highest from earlier_rows group by event_id),

        placed as (
            select
                rest._n,
                earlier_events.event_id is not null or row_number() over (partition by rest.event_id order by rest._n) > 1
                    as is_later,
                earlier_revisions.event_id is not null
                    or row_number() over (partition by rest.event_id, rest.revision order by rest._n) > 1 as has_rival,
                greatest(earlier_events.highest, max(rest.revision) over (partition by rest.event_id)) > rest.revision
                    as is_settled,
            from distinct_rows as rest
            left join earlier_events on rest.event_id = earlier_events.event_id
            left join earlier_revisions
                on rest.event_id = earlier_revisions.event_id and rest.revision = earlier_revisions.revision
        )

        select
            met._n,
            case
                when placed._n is null then 'duplicate'
                when not placed.is_later then 'landed'
                when placed.has_rival and not placed.is_settled then 'conflicting'
                else 'superseding'
            end as outcome,
            outcome in ('superseding', 'conflicting') or met.event_id in (select event_id from waiting_ids) as collides,
        from met
        left join placed on met._n = placed._n
    """)
    return True


def accepted_rows(batch: LandingBatch, *, met: bool, rejected: bool) -> str:
    """The rows of `CONTENT` that are neither duplicates nor rejected, as a FROM clause; what there is none of is not compared."""
    conditions = (["outcomes.outcome is distinct from 'duplicate'"] if met else []) + (
        [f"content._n not in (select _n from {batch.REJECTED})"] if rejected else []
    )
    return f"""{batch.CONTENT} as content {f"left join {batch.OUTCOMES} as outcomes on content._n = outcomes._n" if met else ""}
    {"where " + " and ".join(conditions) if conditions else ""}"""
