-- Record sets without a hold of which nobody could say at the end of a month whether they were kept too long: the event from which
-- the period runs was overdue, or activity looked like a job's. What was kept too long in any case is not here.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
months as (select * from {{ ref('int_metrics__records_months') }}),
held as (select distinct namespace, record_id from {{ ref('int_records__holds') }}),

records as (
    select *
    from {{ ref('int_records__scheduled') }}
    where schedule_id is not null and trigger in ('trigger', 'last_activity')
),

waits as (
    select
        records.record_key,
        records.created_at,
        {{ day_begins('(records.trigger_due_by + 1)', 'instants.time_zone') }} as doubtful_from,
        least(records.trigger_event_at, records.deleted_at) as ended_at,
    from records
    anti join held on records.namespace = held.namespace and records.record_id = held.record_id
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
    anti join held on records.namespace = held.namespace and records.record_id = held.record_id
    where records.trigger = 'last_activity'
),

doubts as (
    select
        record_key,
        date_trunc('month', timezone(instants.time_zone, greatest(doubtful_from, created_at)))::date as first_month,
        date_trunc('month', timezone(instants.time_zone, ended_at))::date as ended_month,
    from (
        select * from waits
        union all
        select * from automatic
    )
    cross join instants
)

select doubts.record_key, months.month_start
from doubts
inner join months
    on months.month_start >= doubts.first_month and months.month_start < coalesce(doubts.ended_month, date '9999-12-31')
anti join {{ ref('int_metrics__records_overdue_without_hold') }} as over
    on doubts.record_key = over.record_key and months.month_start = over.month_start
