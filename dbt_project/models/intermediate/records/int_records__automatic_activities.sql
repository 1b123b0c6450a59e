-- Record sets that were active on more consecutive local dates than the pack allows for people, with the first activity beyond
-- that number. Reads only record sets with that many activities.
with
settings as (select activity_run_days from {{ source('pack', 'settings') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

often_active as (
    select timelines.namespace, timelines.record_id
    from {{ ref('int_records__timeline') }} as timelines
    cross join settings
    where timelines.activities > settings.activity_run_days
),

active_days as (
    select
        events.namespace,
        events.record_id,
        cast(timezone(instants.time_zone, events.occurred_at) as date) as active_date,
        min(events.occurred_at) as first_activity_at,
    from {{ ref('int_records__activities') }} as events
    semi join often_active on events.namespace = often_active.namespace and events.record_id = often_active.record_id
    cross join instants
    group by events.namespace, events.record_id, active_date
),

-- Days of one run lie as far apart as their numbers.
numbered_days as (
    select
        *,
        active_date - cast(row_number() over (partition by namespace, record_id order by active_date) as integer) as run_start,
    from active_days
),

days_of_runs as (
    select
        *,
        row_number() over (partition by namespace, record_id, run_start order by active_date) as day_of_run,
    from numbered_days
)

select days_of_runs.namespace, days_of_runs.record_id, min(days_of_runs.first_activity_at) as activity_automatic_at
from days_of_runs
cross join settings
where days_of_runs.day_of_run > settings.activity_run_days
group by days_of_runs.namespace, days_of_runs.record_id
