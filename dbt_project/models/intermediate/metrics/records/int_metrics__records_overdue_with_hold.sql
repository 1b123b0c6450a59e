-- Record sets that ever had a hold and were retained beyond schedule at a month's end, or for which that is undetermined
-- (over_days is null), in their state at that instant.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

months as (select * from {{ ref('int_metrics__records_months') }}),

held_records as (
    select
        timelines.namespace,
        timelines.record_id,
        date_trunc('month', timezone(instants.time_zone, timelines.created_at))::date as first_month,
        date_trunc('month', timezone(instants.time_zone, timelines.deleted_at))::date as deleted_month,
    from {{ ref('int_records__timeline') }} as timelines
    semi join {{ ref('int_records__holds') }} as holds
        on timelines.namespace = holds.namespace and timelines.record_id = holds.record_id
    cross join instants
),

month_end_instants as (
    select held_records.namespace, held_records.record_id, months.ends_at as state_at
    from held_records
    inner join months
        on months.month_start >= held_records.first_month and months.month_start < coalesce(held_records.deleted_month, date '9999-12-31')
),

states as (
    {{ records_at('month_end_instants') }}
)

select states.record_key, months.month_start, states.over_days
from states
inner join months on states.state_at = months.ends_at
where states.status = 'over_retained' or {{ may_be_overdue('states') }}
