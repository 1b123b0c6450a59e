-- Record sets without a hold for which it is undetermined at a month's end whether they were retained beyond schedule: the
-- event that starts the period was overdue, or the activity looks automatic. Sets that were overdue in any case are left out.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

months as (select * from {{ ref('int_metrics__records_months') }}),

held_records as (select distinct namespace, record_id from {{ ref('int_records__holds') }}),

records as (
    select *
    from {{ ref('int_records__scheduled') }}
    where schedule_id is not null and trigger in ('trigger', 'last_activity')
),

overdue_triggers as (
    select
        records.record_key,
        records.created_at,
        {{ day_begins('(records.trigger_due_by + 1)', 'instants.time_zone') }} as doubtful_from,
        least(records.trigger_event_at, records.deleted_at) as ended_at,
    from records
    anti join held_records on records.namespace = held_records.namespace and records.record_id = held_records.record_id
    cross join instants
    where records.trigger = 'trigger' and records.trigger_due_by < (select max(last_date) from months)
),

automatic as (
    select
        records.record_key,
        records.created_at,
        activities.activity_automatic_at as doubtful_from,
        records.deleted_at as ended_at,
    from records
    inner join {{ ref('int_records__automatic_activities') }} as activities
        on records.namespace = activities.namespace and records.record_id = activities.record_id
    anti join held_records on records.namespace = held_records.namespace and records.record_id = held_records.record_id
    where records.trigger = 'last_activity'
),

doubtful_intervals as (
    select
        record_key,
        date_trunc('month', timezone(instants.time_zone, greatest(doubtful_from, created_at)))::date as first_month,
        date_trunc('month', timezone(instants.time_zone, ended_at))::date as ended_month,
    from (
        select * from overdue_triggers
        union all
        select * from automatic
    )
    cross join instants
)

select doubtful_intervals.record_key, months.month_start
from doubtful_intervals
inner join months
    on months.month_start >= doubtful_intervals.first_month and months.month_start < coalesce(doubtful_intervals.ended_month, date '9999-12-31')
anti join {{ ref('int_metrics__records_overdue_without_hold') }} as overdue
    on doubtful_intervals.record_key = overdue.record_key and months.month_start = overdue.month_start
