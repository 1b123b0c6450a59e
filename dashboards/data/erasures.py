"""Erasures that were reported as done and are not borne out: which, what is missing, which system never confirmed.

Here: questions to `fct_erasures`, assessed as the mart assessed them at the end of their grace. Not here: their share
(`fct_metrics`), the record sets of a schedule (records.py).
"""

from __future__ import annotations

from dashboards.data.filters import limits
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref

_LEFT = "status = 'incomplete'"
_OF_SYSTEMS = """
    (len($systems::varchar[]) = 0 or list_has_any(unconfirmed_systems, $systems::varchar[])
        or request_key in (
            select e.request_key from marts.fct_erasures e, unnest(e.missed) m(record_key)
            inner join marts.fct_records r on r.record_key = m.record_key
            where e.status = 'incomplete' and list_contains($systems::varchar[], r.system)
        ))
"""


@cached
def counts(ref: Ref, systems: tuple[str, ...]) -> Row:
    """Erasures assessed, the incomplete ones (of the systems chosen: `left_behind`), and those within grace."""
    return first(
        ref,
        f"""
        select count(*) filter (status in ('complete', 'incomplete')) as assessed, count(*) filter ({_LEFT}) as incomplete,
            count(*) filter ({_LEFT} and {_OF_SYSTEMS}) as left_behind,
            count(*) filter (status = 'pending') as pending, count(*) filter (status = 'no_records_found') as unknown
        from marts.fct_erasures
        """,
        {"systems": list(systems)},
    )


@cached
def page(ref: Ref, systems: tuple[str, ...], rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the incomplete erasures, the oldest first, with the systems that hold what was missed."""
    return rows(
        ref,
        f"""
        with shown as (
            select request_key, request_id, closed_date, missed, missed_records, missed_record_count, reappeared_sets,
                unconfirmed_systems, coalesce(len(recreated), 0) as recreated_sets, source, batch_id, row_number
            from marts.fct_erasures where {_LEFT} and {_OF_SYSTEMS}
            order by closed_date, request_key limit $size offset $skipped
        ),
        alive as (
            select s.request_key, list(distinct r.system order by r.system) as systems
            from shown s, unnest(s.missed) m(record_key) inner join marts.fct_records r on r.record_key = m.record_key
            group by s.request_key
        )
        select s.* exclude (missed), coalesce(a.systems, []) as alive_systems
        from shown s left join alive a on a.request_key = s.request_key
        order by closed_date, s.request_key
        """,
        {"systems": list(systems), **limits(rows_from_to)},
    )


@cached
def unconfirmed(ref: Ref) -> list[Row]:
    """Every system that erasures expected: not confirmed of those assessed, since when, and not confirmed within grace.

    The system that has not responded for the longest time comes first, then those without an open confirmation.
    """
    return rows(
        ref,
        """
        with expected as (
            select unnest(expected_systems) as system, unconfirmed_systems, status, closed_date
            from marts.fct_erasures where status in ('complete', 'incomplete', 'pending')
        )
        select system,
            count(*) filter (status <> 'pending') as expected,
            count(*) filter (status = 'incomplete' and list_contains(unconfirmed_systems, system)) as silent,
            min(closed_date) filter (status = 'incomplete' and list_contains(unconfirmed_systems, system)) as oldest,
            count(*) filter (status = 'pending' and list_contains(unconfirmed_systems, system)) as within_grace
        from expected group by system
        order by oldest nulls last, silent desc, system
        """,
    )
