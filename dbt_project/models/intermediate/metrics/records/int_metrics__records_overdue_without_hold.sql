-- Record sets without a hold that were retained beyond schedule at a month's end, with the days overdue. A period that runs
-- from the latest activity restarts with each activity, so that a set may be overdue in spring and within its period in
-- summer: each interval between two activities is computed separately. Incremental by record set, as fct_records is: one that is
-- overdue is so for another day.
{%- if not execute %}
-- depends_on: {{ ref('int_record_states__changed') }} {{ ref('int_records__recomputed') }} {{ ref('int_records__scheduled') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_record_states__changed': ['record_key']}},
) }}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

months as (select * from {{ ref('int_metrics__records_months') }}),

records as (
    select *
    from {{ ref('int_records__recomputed' if is_incremental_build() else 'int_records__scheduled') }}
    where schedule_id is not null
),

timelines as (select * from {{ ref('int_records__timeline') }}),

held_records as (select distinct namespace, record_id from {{ ref('int_records__holds') }}),

records_with_activity as (
    select records.namespace, records.record_id
    from records
    anti join held_records on records.namespace = held_records.namespace and records.record_id = held_records.record_id
    where records.trigger = 'last_activity' and records.last_activity_at is not null
),

activities as (
    select activities.*
    from {{ ref('int_records__activities') }} as activities
    semi join records_with_activity
        on activities.namespace = records_with_activity.namespace and activities.record_id = records_with_activity.record_id
),

activity_intervals as (
    select
        namespace,
        record_id,
        occurred_at,
        lead(occurred_at) over (partition by namespace, record_id order by occurred_at) as next_at,
    from activities
),

-- Until the first activity the period runs from the creation.
first_intervals as (
    select timelines.namespace, timelines.record_id, timelines.created_at as occurred_at, firsts.occurred_at as next_at
    from timelines
    inner join (
        select namespace, record_id, min(occurred_at) as occurred_at from activities group by namespace, record_id
    ) as firsts
        on timelines.namespace = firsts.namespace and timelines.record_id = firsts.record_id
    where timelines.created_at < firsts.occurred_at
),

interval_timelines as (
    select timelines.* replace (intervals.occurred_at as last_activity_at), intervals.next_at
    from (
        select * from activity_intervals
        union all
        select * from first_intervals
    ) as intervals
    inner join timelines on intervals.namespace = timelines.namespace and intervals.record_id = timelines.record_id
),

periods as (
    {{ record_periods('interval_timelines') }}
),

intervals as (
    select record_key, created_at, deleted_at, null::timestamptz as next_at, unheld_delete_by as delete_by
    from records
    anti join held_records on records.namespace = held_records.namespace and records.record_id = held_records.record_id
    where trigger <> 'last_activity' or last_activity_at is null
    union all
    select record_key, created_at, deleted_at, next_at, unheld_delete_by
    from periods
),

-- Overdue for the first time at the end of the month that contains the day after delete_by.
overdue_intervals as (
    select
        intervals.record_key,
        intervals.delete_by,
        greatest(
            date_trunc('month', intervals.delete_by + 1), date_trunc('month', timezone(instants.time_zone, intervals.created_at))
        )::date as first_month,
        date_trunc('month', timezone(instants.time_zone, least(intervals.deleted_at, intervals.next_at)))::date as ended_month,
    from intervals
    cross join instants
    where intervals.delete_by < (select max(last_date) from months)
)

select overdue_intervals.record_key, months.month_start, months.last_date - overdue_intervals.delete_by as over_days
from overdue_intervals
inner join months
    on
        months.month_start >= overdue_intervals.first_month
        and months.month_start < coalesce(overdue_intervals.ended_month, date '9999-12-31')
        and months.last_date > overdue_intervals.delete_by
where overdue_intervals.ended_month is null or overdue_intervals.ended_month > overdue_intervals.first_month
