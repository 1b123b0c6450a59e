"""Withdrawals of consent and the systems that have to stop: how long each took, and which have not confirmed.

Here: `fct_withdrawal_systems`. Not here: figures that `fct_metrics` holds (measures.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboards.data.query import Row, cached, first, rows
from dashboards.periods import Period
from dashboards.snapshots import Ref

LISTS = {
    "unconfirmed": "status = 'unconfirmed'",
    "pending": "status = 'pending'",
    "late": "status = 'confirmed' and not in_time",
}
"""Which list (as in the address) -> its condition."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The purposes and systems that a reader chose; none chooses all."""

    purposes: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()

    def bound(self) -> dict[str, list[str]]:
        """The values as they are bound."""
        return {"purposes": list(self.purposes), "systems": list(self.systems)}


_CHOSEN = """
    (len($purposes::varchar[]) = 0 or list_contains($purposes::varchar[], purpose_code))
    and (len($systems::varchar[]) = 0 or list_contains($systems::varchar[], system))
"""
_WITHIN = """
    ($start::date is null or (
        withdrawn_at >= timezone($zone, $start::date::timestamp) and withdrawn_at < timezone($zone, $end::date::timestamp)
    ))
"""


@cached
def by_system(ref: Ref, chosen: Chosen, period: Period, zone: str) -> list[Row]:
    """Of the withdrawals of a period, for each system: expected, confirmed, hours to confirm, and its limits in hours.

    `median` and `p95` are of the confirmed ones. `is_over`: the 95th percentile of hours, each divided by the limit of its own
    withdrawal, is above 1; with one limit that is the same as `p95` above it.
    """
    return rows(
        ref,
        f"""
        select
            system, count(*) as expected, count(applied_at) as confirmed,
            count(*) filter (status = 'pending') as pending, count(*) filter (in_time) as in_time,
            quantile_cont(hours, 0.5) as median, quantile_cont(hours, 0.95) as p95,
            coalesce(quantile_cont(hours / withdrawal_hours, 0.95) > 1, false) as is_over,
            list_sort(list_distinct(list(withdrawal_hours))) as limits
        from marts.fct_withdrawal_systems
        where {_CHOSEN} and {_WITHIN}
        group by system order by p95 desc nulls first, system
        """,
        {**chosen.bound(), "zone": zone, "start": period.start, "end": period.end},
    )


@cached
def counted(ref: Ref, chosen: Chosen) -> Row:
    """How many rows each list has, of all expected confirmations ever, the oldest unconfirmed one, and how many by system."""
    lists = ", ".join(f"count(*) filter ({condition}) as {name}" for name, condition in LISTS.items())
    return first(
        ref,
        f"""
        select count(*) as expected, {lists}, min(withdrawn_at) filter (status = 'unconfirmed') as oldest,
            histogram(system) filter (status = 'unconfirmed') as by_system
        from marts.fct_withdrawal_systems where {_CHOSEN}
        """,
        chosen.bound(),
    )


@cached
def page(ref: Ref, chosen: Chosen, which: str, as_of: datetime, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of a list, oldest withdrawal first.

    Args:
        ref: the snapshot.
        chosen: which purposes and systems.
        which: a key of LISTS.
        as_of: when, for the hours that have gone by.
        rows_from_to: the first row, counted from 0, and the one after the last.
    """
    return rows(
        ref,
        f"""
        select subject_key, purpose_code, system, withdrawn_at, confirm_by, status, consented_again_at,
            (epoch_us(coalesce(applied_at, $as_of::timestamptz)) - epoch_us(confirm_by)) / 3600000000 as hours_over,
            source, batch_id, row_number
        from marts.fct_withdrawal_systems
        where {LISTS[which]} and {_CHOSEN}
        order by withdrawn_at, system, namespace, event_id
        limit $size offset $skipped
        """,
        {
            **chosen.bound(),
            "as_of": as_of,
            "size": rows_from_to[1] - rows_from_to[0],
            "skipped": rows_from_to[0],
        },
    )
