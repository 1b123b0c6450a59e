"""Record sets as they stand at as_of: what is retained beyond schedule and where, how old it is, what is on hold.

Here: questions to `fct_records`; counts of records unless a name has `sets`. Not here: figures of other dates, which
`fct_metrics` holds (metrics.py), erasures (erasures.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from dashboards.data.filters import Chosen, Own, any_of, bounds, limits, within
from dashboards.data.metrics import Figure, share
from dashboards.data.query import Row, cached, first, rows
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period

_OVER = "status = 'over_retained'"
_ALIVE = "is_alive and schedule_id is not null"


@dataclass(frozen=True, slots=True)
class RecordFilters(Chosen):
    """The categories and systems that a reader chose; rows that name none are `unknown`."""

    DIMENSIONS: ClassVar = {"category": "data_category", "system": "system"}
    category: tuple[str, ...] = ()
    system: tuple[str, ...] = ()

    @classmethod
    def condition(cls) -> str:
        """SQL: a row is among what was chosen."""
        return " and ".join(any_of(name, f"coalesce({column}, 'unknown')") for name, column in cls.DIMENSIONS.items())

    def holds(self, category: str, system: str) -> bool:
        """Is a cell of the two among what was chosen?"""
        return (not self.category or category in self.category) and (not self.system or system in self.system)

    def among(self, found: Iterable[Row]) -> list[Row]:
        """Of some cells, those that were chosen."""
        return [row for row in found if self.holds(row["category"], row["system"])]


@cached
def cells(ref: Ref, own: Own = ()) -> list[Row]:
    """Category x system x schedule: records scheduled and alive, records and sets beyond schedule, since when and how far.

    `own`: of what was chosen of one's own dimensions alone. `ends`: by the schedule alone some of its sets have a day to be
    deleted by.
    """
    where = RecordFilters(own=own)
    return rows(
        ref,
        f"""
        select coalesce(data_category, 'unknown') as category, coalesce(system, 'unknown') as system, schedule_id,
            sum(records_left) filter ({_ALIVE})::bigint as alive,
            coalesce(sum(records_left) filter ({_OVER}), 0)::bigint as over,
            count(*) filter ({_OVER}) as over_sets,
            min(delete_by) filter ({_OVER}) as since,
            max(over_days) filter ({_OVER}) as longest,
            bool_or(unheld_delete_by is not null and not coalesce(has_contract_term, false)) as ends
        from marts.fct_records
        where schedule_id is not null and {where.selected}
        group by all
        order by over desc, alive desc nulls last, category, system, schedule_id
        """,
        where.bound(),
    )


def values(found: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """The values that each filter may have, in order: the allow-lists."""
    combinations = list(found)
    return {name: tuple(sorted({row[name] for row in combinations})) for name in RecordFilters.DIMENSIONS}


@cached
def over_retained(ref: Ref, where: RecordFilters) -> tuple[Figure, Figure, Figure]:
    """Records beyond schedule, their days overdue (p95) and records without a schedule, of a combination that no mart holds."""
    row = first(
        ref,
        f"""
        select coalesce(sum(records_left) filter ({_OVER}), 0)::bigint as k, sum(records_left) filter ({_ALIVE})::bigint as n,
            quantile_cont(over_days, 0.95) filter ({_OVER}) as p95, count(*) filter ({_OVER}) as sets,
            coalesce(sum(records_left) filter (is_alive and schedule_id is null), 0)::bigint as unscheduled,
            sum(records_left) filter (is_alive)::bigint as alive
        from marts.fct_records where {where.selected}
        """,
        where.bound(),
    )
    over, without = share(row["k"], row["n"]), share(row["unscheduled"], row["alive"])
    return over, Figure(row["p95"], unit="days", units=row["sets"]), without


_REMOVALS = """
        sets as (select * from marts.fct_records where {selected}),
        removals as (
            select * exclude (partial_deletions) replace (deleted_record_count as record_count) from sets
            union all by name
            select * exclude (partial_deletions, part)
                replace (part.status as status, part.deleted_date as deleted_date, part.record_count as record_count)
            from (select *, unnest(partial_deletions) as part from sets)
        )
"""
"""Each deletion of the chosen record sets, of a part as of a whole, with the number of records that it removed."""


@cached
def deletions(ref: Ref, where: RecordFilters, period: Period, zone: str) -> Row:
    """What was deleted or reappeared in a period: records on time and late, sets otherwise, each among those at risk.

    `with_hold` and `with_minimum` are the sets deleted that could be deleted under a hold or too early, `confirmed_deleted`
    those whose system was scanned since.
    """
    return first(
        ref,
        f"""
        with {_REMOVALS.format(selected=where.selected)},
        removed as (
            select
                coalesce(sum(record_count) filter (status = 'deleted_on_time'), 0)::bigint as on_time,
                coalesce(sum(record_count) filter (status = 'deleted_late'), 0)::bigint as late,
                count(*) filter (status = 'deleted_early') as early,
                count(*) filter (status = 'deleted_under_hold') as under_hold,
                count(*) filter (had_hold) as with_hold,
                count(*) filter (has_minimum) as with_minimum
            from removals where deleted_date is not null and {within("deleted_date")}
        )
        select
            removed.*,
            count(*) filter (reappeared_at is not null and {within("timezone($zone, reappeared_at)::date")}) as reappeared,
            count(*) filter (scanned_after_deletion and reappeared_at is null and {within("deleted_date")}) as confirmed_deleted
        from removed left join sets on true
        group by all
        """,
        {**bounds(period), "zone": zone, **where.bound()},
    )


@cached
def period(ref: Ref, schedule: str) -> tuple[int, str]:
    """How long a schedule lets a set be kept after its trigger, contracts and holds aside: the number and its unit.

    Read off the dates of its sets: months where all agree on a number of months, else the days that most have.
    """
    spans = rows(
        ref,
        """
        select unheld_delete_by - trigger_date as days, date_diff('month', trigger_date, unheld_delete_by)::integer as months,
            (trigger_date + to_months(months))::date = unheld_delete_by as whole, count(*) as sets
        from marts.fct_records
        where schedule_id = $schedule and unheld_delete_by is not null and trigger_date is not null
            and not coalesce(has_contract_term, false)
        group by all order by sets desc, days
        """,
        {"schedule": schedule},
    )
    months = {span["months"] for span in spans}
    if len(months) == 1 and months != {0} and all(span["whole"] for span in spans):
        return int(months.pop()), "month"
    days: dict[int, int] = {}
    for span in spans:
        days[span["days"]] = days.get(span["days"], 0) + span["sets"]
    return (max(days, key=lambda number: days[number]), "day") if days else (0, "day")


@cached
def ages(ref: Ref, where: RecordFilters, schedule: str, bins: tuple[int, str, int], today: date) -> list[Row]:
    """Records alive under one schedule by age since the trigger, in bins of so many whole days or months.

    The last bin holds all beyond.

    Returns:
        `bin` (times its width is where it begins), `kind` (within, over or on_hold), `records, sets, by_contract`.
    """
    width, unit, last = bins
    age = "datesub('month', trigger_date, $today::date)" if unit == "month" else "$today::date - trigger_date"
    return rows(
        ref,
        f"""
        select least(greatest(0, {age}) // $width, $last) as bin,
            case when {_OVER} then 'over' when status = 'on_hold' then 'on_hold' else 'within' end as kind,
            sum(records_left)::bigint as records, count(*) as sets, count(*) filter (has_contract_term) as by_contract
        from marts.fct_records
        where is_alive and schedule_id = $schedule and trigger_date is not null and {where.selected}
        group by all order by all
        """,
        {"schedule": schedule, "width": width, "last": last, "today": today, **where.bound()},
    )


@cached
def overdue(ref: Ref, where: RecordFilters, rows_from_to: tuple[int, int]) -> list[Row]:
    """One page of the record sets that are retained beyond schedule, the one that is so the longest first."""
    return rows(
        ref,
        f"""
        select record_key, record_id, subject_key, data_category, system, records_left as record_count, schedule_id, delete_by,
            over_days, source, batch_id, row_number
        from marts.fct_records
        where {_OVER} and {where.selected}
        order by delete_by, records_left desc, record_key
        limit $size offset $skipped
        """,
        {**limits(rows_from_to), **where.bound()},
    )


@cached
def record(ref: Ref, key: str) -> Row:
    """One record set with the finding about it, or an empty dictionary where there is none of that key."""
    row = first(ref, "select * from marts.fct_records where record_key = $key", {"key": key})
    about = "retention/" + key
    return row and row | {
        "findings": rows(
            ref,
            """
            select finding_key, word, severity, first_seen_at from marts.fct_findings
            where entity = $entity order by finding_key
            """,
            {"entity": about},
        )
    }


@cached
def holds(ref: Ref, where: RecordFilters) -> list[Row]:
    """Category x system with record sets on hold that are alive: `sets, records, longest` (days on hold), `not_reviewed`."""
    return rows(
        ref,
        f"""
        select coalesce(data_category, 'unknown') as category, coalesce(system, 'unknown') as system, count(*) as sets,
            sum(records_left)::bigint as records, max(held_days) as longest,
            count(*) filter (len(holds_not_reviewed) > 0) as not_reviewed
        from marts.fct_records where on_hold and is_alive and {where.selected}
        group by all order by records desc, category, system
        """,
        where.bound(),
    )


@cached
def by_hold(ref: Ref, where: RecordFilters) -> list[Row]:
    """Each hold that stands by its reference: the record `sets` and `records` it protects, the first of them by its key."""
    return rows(
        ref,
        f"""
        with held as (
            select unnest(hold_refs) as hold_ref, record_key, records_left, held_days from marts.fct_records
            where on_hold and is_alive and {where.selected}
        )
        select hold_ref, count(*) as sets, sum(records_left)::bigint as records, max(held_days) as longest,
            min(record_key) as record_key
        from held group by hold_ref order by records desc, hold_ref
        """,
        where.bound(),
    )


@cached
def broken_holds(ref: Ref, where: RecordFilters) -> list[Row]:
    """Record sets that were deleted while a hold stood, newest first."""
    return rows(
        ref,
        f"""
        with {_REMOVALS.format(selected=where.selected)}
        select record_key, record_id, data_category, system, record_count, deleted_date, source, batch_id, row_number
        from removals where status = 'deleted_under_hold'
        order by deleted_date desc, record_key limit 25
        """,
        where.bound(),
    )


@cached
def alive(ref: Ref, where: RecordFilters) -> int:
    """How many records are alive."""
    row = first(
        ref, f"select sum(records_left)::bigint as n from marts.fct_records where is_alive and {where.selected}", where.bound()
    )
    return int(row["n"] or 0)
