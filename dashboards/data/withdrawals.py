"""Withdrawals of consent and the systems that have to stop: how long each took, and which have not confirmed.

Here: `fct_withdrawal_systems`. Not here: figures that `fct_metrics` holds (metrics.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from dashboards.data.filters import Chosen, bounds, limits
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period

LISTS = {
    "unconfirmed": "status = 'unconfirmed'",
    "pending": "status = 'pending'",
    "late": "status = 'confirmed' and not in_time",
}
"""Which list (as in the address) -> its condition."""


@dataclass(frozen=True, slots=True)
class WithdrawalFilters(Chosen):
    """The purposes and systems that a reader chose."""

    DIMENSIONS: ClassVar = {"purpose": "purpose_code", "system": "system"}
    purpose: tuple[str, ...] = ()
    system: tuple[str, ...] = ()


_CHOSEN = WithdrawalFilters.condition()
_WITHIN = """
    ($start::date is null or (
        withdrawn_at >= timezone($zone, $start::date::timestamp) and withdrawn_at < timezone($zone, $end::date::timestamp)
    ))
"""

_KEY = "md5(concat_ws('|', namespace, event_id, system))"
"""SQL: by which the address names a withdrawal and a system that has to confirm it."""


@cached
def by_system(ref: Ref, chosen: WithdrawalFilters, period: Period, zone: str) -> list[Row]:
    """Of the withdrawals of a period, for each system: expected, confirmed, hours to confirm, and its limits in hours.

    `median` and `p95` are Kaplan and Meier's over all that were expected, as in the mart: an unconfirmed one has lasted until
    as_of; null where fewer have confirmed. `is_over`: more than one in twenty is not confirmed within its own limit.
    """
    return rows(
        ref,
        f"""
        with expected as (
            select *, coalesce(hours, (epoch_us(as_of) - epoch_us(withdrawn_at)) / 3600000000) as lasted
            from marts.fct_withdrawal_systems cross join (select max(as_of) as as_of from marts.fct_metrics)
            where {_CHOSEN} and {_WITHIN}
        ),
        lengths as (
            select system, hours is not null as ended, false as in_limits, lasted as length from expected
            union all
            select system, hours is not null, true, lasted / withdrawal_hours from expected
        ),
        risks as (
            select system, in_limits, length, count(*) filter (ended) as ended,
                sum(count(*)) over (partition by system, in_limits order by length desc) as at_risk
            from lengths group by system, in_limits, length
        ),
        waiting as (
            select *, product(1 - ended / at_risk) over (partition by system, in_limits order by length) as share from risks
        ),
        curves as (
            select system,
                min(length) filter (not in_limits and share <= 0.5 + 1e-9) as median,
                min(length) filter (not in_limits and share <= 0.05 + 1e-9) as p95,
                coalesce(min(share) filter (in_limits and length <= 1), 1) > 0.05 + 1e-9 as is_slow
            from waiting group by system
        )
        select
            system, count(*) as expected, count(applied_at) as confirmed,
            count(*) filter (status = 'pending') as pending, count(*) filter (in_time) as in_time,
            any_value(median) as median, any_value(p95) as p95,
            any_value(is_slow) and coalesce(bool_or(not in_time), false) as is_over,
            list_sort(list_distinct(list(withdrawal_hours))) as limits
        from expected inner join curves using (system)
        group by system order by p95 desc nulls first, system
        """,
        {**chosen.bound(), **bounds(period), "zone": zone},
    )


@cached
def withdrawal(ref: Ref, key: str) -> Row:
    """One system that has to confirm one withdrawal, or an empty dictionary where there is none of that key."""
    return first(ref, f"select * from marts.fct_withdrawal_systems where {_KEY} = $key", {"key": key})


@cached
def counted(ref: Ref, chosen: WithdrawalFilters) -> Row:
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
def page(ref: Ref, chosen: WithdrawalFilters, which: str, as_of: datetime, rows_from_to: tuple[int, int]) -> list[Row]:
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
        select {_KEY} as withdrawal_key, subject_key, purpose_code, system, withdrawn_at, confirm_by, status, consented_again_at,
            (epoch_us(coalesce(applied_at, $as_of::timestamptz)) - epoch_us(confirm_by)) / 3600000000 as hours_over,
            source, batch_id, row_number
        from marts.fct_withdrawal_systems
        where {LISTS[which]} and {_CHOSEN}
        order by withdrawn_at, system, namespace, event_id
        limit $size offset $skipped
        """,
        {**chosen.bound(), "as_of": as_of, **limits(rows_from_to)},
    )
