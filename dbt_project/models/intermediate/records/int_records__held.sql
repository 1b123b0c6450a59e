-- What holds do to the record sets that have any. Moving a date to the release of the last hold that is open on it, again and
-- again until it stands still, is moving it once to the end of the stretch of holds in which it lies: holds that overlap or
-- meet are one stretch. So nothing is repeated here.
{{ config(materialized='table') }}

with
holds as (select * from {{ ref('int_records__holds') }}),

records as (select * from {{ ref('int_records__scheduled') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

by_instant as (
    select
        records.namespace,
        records.record_id,
        bool_or(holds.released_at is null) as on_hold,
        coalesce(
            bool_or(holds.placed_at <= records.deleted_at and (holds.released_at is null or holds.released_at > records.deleted_at)),
            false
        ) as deleted_under_hold,
    from holds
    inner join records on holds.namespace = records.namespace and holds.record_id = records.record_id
    group by records.namespace, records.record_id
),

-- Placed and released on one day, a hold is open on none; holds of the same days are one, so that their order is no question.
days as (
    select distinct namespace, record_id, placed_date, coalesce(released_date, {{ no_day_yet() }}) as released_date
    from holds
    where released_date > placed_date or released_date is null
),

marked as (
    select
        *,
        coalesce(placed_date > max(released_date) over earlier, true) as opens_a_stretch,
    from days
    window earlier as (
        partition by namespace, record_id
        order by placed_date, released_date
        rows between unbounded preceding and 1 preceding
    )
),

numbered as (
    select
        *,
        count(*) filter (where opens_a_stretch) over (
            partition by namespace, record_id
            order by placed_date, released_date
            rows between unbounded preceding and current row
        ) as stretch,
    from marked
),

stretches as (
    select namespace, record_id, stretch, min(placed_date) as placed_date, max(released_date) as released_date
    from numbered
    group by namespace, record_id, stretch
),

-- The day of placing is not counted and the day of release is: as many days as lie between the two.
by_day as (
    select
        stretches.namespace,
        stretches.record_id,
        sum(
            least(stretches.released_date, cast(timezone(instants.time_zone, instants.as_of) as date)) - stretches.placed_date
        ) as held_days,
        max(stretches.released_date) filter (
            where records.unheld_delete_by >= stretches.placed_date and records.unheld_delete_by < stretches.released_date
        ) as moved_to,
    from stretches
    inner join records on stretches.namespace = records.namespace and stretches.record_id = records.record_id
    cross join instants
    group by stretches.namespace, stretches.record_id
)

select
    by_instant.namespace,
    by_instant.record_id,
    by_instant.on_hold,
    by_instant.deleted_under_hold,
    cast(coalesce(by_day.held_days, 0) as bigint) as held_days,
    by_day.moved_to is not null as moves_delete_by,
    nullif(by_day.moved_to, {{ no_day_yet() }}) as moved_to,
from by_instant
left join by_day on by_instant.namespace = by_day.namespace and by_instant.record_id = by_day.record_id
