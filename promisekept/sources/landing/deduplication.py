"""Deduplication at landing: a valid row is landed, a duplicate, a revision (`superseding`) or in conflict (`conflicting`).

Here: finding the few rows whose id was seen before (by event id alone, the rest is never compared) and comparing them with the
rows that landed earlier. Not here: choosing the winner, which staging does from the `collides` flag, because a later row may
settle it. Validity comes first: rejected rows take no part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from promisekept.sources.landing.known_events import hashes
from promisekept.sources.landing.landing_batch import BETWEEN_FILES, LandingBatch
from promisekept.sources.landing.pseudonymisation import keyed_content
from promisekept.sources.sandbox import literal, quoted, scalar
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
    hashed = batch.run.hashes_of(connection, log, earlier)
    _known_rows(batch, hashed)
    others = batch.run.meeting(connection, batch.IDS, [file for file in earlier if file not in hashed])
    met = [
        f"id in (select id from {batch.IDS} group by id having count(*) > 1)",
        "id in (select id from known_rows)",
    ]
    for name, files in (("earlier_ids", others), ("waiting_ids", waiting)):
        if files:
            connection.execute(
                f"""create temp table {name} as select distinct event_id from ({scan(files, log)})
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
    to_read = [*_set_repeated_aside(batch, hashed), *others]
    connection.execute(
        f"""create temp table earlier_rows as select distinct {columns} from ({scan(to_read, log)})
        where {"namespace = $namespace and event_id in (select event_id from met)" if to_read else "false"}""",
        namespace if to_read else None,
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
        union all
        select _n, 'duplicate', false from repeated
    """)
    return True


def _known_rows(batch: LandingBatch, hashed: Mapping[StoredFile, Path]) -> None:
    """Create `known_rows`: the hashes of landed rows of the same ids, and the file of hashes in which each stands."""
    rows = "select null::varchar as hashes, null::ubigint as id, null::ubigint as event where false"
    if hashed:
        paths = ", ".join(literal(str(path)) for path in hashed.values())
        rows = f"from read_parquet([{paths}], filename = 'hashes') where id in (select id from {batch.IDS})"
    batch.connection.execute(f"create temp table known_rows as {rows}")


def _set_repeated_aside(batch: LandingBatch, hashed: Mapping[StoredFile, Path]) -> list[StoredFile]:
    """Move the rows of events whose every row in `met` has landed just as it is to `repeated`.

    Returns:
        The files that may hold earlier rows of the other events.
    """
    connection = batch.connection
    connection.execute(
        f"""
        create temp table unclear as
        select distinct event_id from (select event_id, {hashes(batch.log, literal(batch.source.namespace))} from met)
        where (id, event) not in (select (id, event) from known_rows);
        create temp table repeated as select _n from met anti join unclear using (event_id);
        delete from met where _n in (select _n from repeated)
        """
    )
    found = connection.execute(
        "select distinct hashes from known_rows where id in (select hash(event_id) from unclear)"
    ).fetchall()
    return [file for file, path in hashed.items() if (str(path),) in found]


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
