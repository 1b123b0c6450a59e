"""Deduplication at landing: a valid row is landed, a duplicate, a revision (`superseding`) or in conflict (`conflicting`).

Here: finding the few rows whose id was seen before (by event id alone, the rest is never compared) and comparing them with the
rows that landed earlier. Not here: choosing the winner, which staging does from the `collides` flag, because a later row may
settle it. Validity comes first: rejected rows take no part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from promisekept.sources.landing.landing_batch import BETWEEN_FILES, LandingBatch
from promisekept.sources.landing.pseudonymisation import keyed_content
from promisekept.sources.sandbox import quoted, scalar
from promisekept.sources.zone.batches import StoredFile, scan

OUTCOMES = ("landed", "duplicate", "superseding", "conflicting")


def deduplicate(
    batch: LandingBatch,
    earlier: Sequence[StoredFile],
    waiting: Sequence[StoredFile],
    typed: Callable[[str], str] | None = None,
) -> bool:
    """Create `IDS`, and `OUTCOMES` for the events whose id occurs more than once; all others are `landed`.

    Args:
        batch: with typed events, persons and rejects; where they are those of several files, each file is compared with
            those before it as well.
        earlier: files of the rows of this log that count so far, of other namespaces as well.
        waiting: files of rows that count until they are landed again, later in the same act: their ids collide, so that
            staging is right at each moment between, but no row is dropped because of them.
        typed: makes a query for typed events from one for mapped ones, where that takes less than choosing from all of them;
            `KEYED` is there then.

    Returns:
        Whether there is any such row.
    """
    connection, log, namespace = batch.connection, batch.log, {"namespace": batch.source.namespace}
    connection.execute(f"create temp table {batch.IDS} as select _n, hash(event_id) as id from {batch.TYPED}")
    before = scan(batch.run.meeting(connection, batch.IDS, earlier) if earlier else (), log)
    met = [f"id in (select id from {batch.IDS} group by id having count(*) > 1)"]
    for name, files, rows in (("earlier_ids", earlier, before), ("waiting_ids", waiting, scan(waiting, log))):
        if files:
            connection.execute(
                f"""create temp table {name} as select distinct event_id from ({rows})
                where namespace = $namespace and hash(event_id) in (select id from {batch.IDS})""",
                namespace,
            )
            met.append(f"id in (select hash(event_id) from {name})")
    # By the hashes alone a few more may be chosen than have met; they come to nothing, like all that are the only ones.
    connection.execute(f"create temp table met_ids as select _n from {batch.IDS} where {' or '.join(met)}")
    if not scalar(connection, "select count(*) from met_ids"):
        return False
    columns = ", ".join(quoted(name) for name in log.content)
    # The few rows are chosen before their persons are looked up, which would otherwise be done for all.
    few = f"""(select * from {batch.TYPED if typed is None else batch.MAPPED}
        where _n in (select _n from met_ids) and _n not in (select _n from {batch.REJECTED}))"""
    few = few if typed is None else typed(few)
    looked_up = None if typed is None else f"select * from {batch.KEYED} where _n in (select _n from met_ids)"
    connection.execute(
        f"create temp table met as select _n, {columns} from ({keyed_content(batch, rows=few, looked_up=looked_up)})"
    )
    connection.execute(
        f"""create temp table earlier_rows as select distinct {columns} from ({before})
        where {"namespace = $namespace and event_id in (select event_id from earlier_ids)" if earlier else "false"}""",
        namespace if earlier else None,
    )
    waits = " or met.event_id in (select event_id from waiting_ids)" if waiting else ""
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
                greatest(
                    earlier_events.highest,
                    max(rest.revision) over (partition by rest.event_id order by rest._n // {BETWEEN_FILES})
                ) > rest.revision as is_settled,
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
            outcome in ('superseding', 'conflicting'){waits} as collides,
        from met
        left join placed on met._n = placed._n
    """)
    return True


def accepted_rows(batch: LandingBatch, *, met: bool, rejected: bool, content: str | None = None) -> str:
    """The rows of `CONTENT` that are neither duplicates nor rejected, as a FROM clause; what there is none of is not compared.

    `content` is a query like it for some of them.
    """
    conditions = (["outcomes.outcome is distinct from 'duplicate'"] if met else []) + (
        [f"content._n not in (select _n from {batch.REJECTED})"] if rejected else []
    )
    rows = batch.CONTENT if content is None else f"({content})"
    return f"""{rows} as content {f"left join {batch.OUTCOMES} as outcomes on content._n = outcomes._n" if met else ""}
    {"where " + " and ".join(conditions) if conditions else ""}"""
