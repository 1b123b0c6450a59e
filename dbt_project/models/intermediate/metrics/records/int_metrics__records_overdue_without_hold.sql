-- Record sets without a hold that were kept too long at the end of a month, with the days by which. A period that runs from
-- the latest activity begins anew with each, so a record set may have been over in spring and within its period in summer:
-- each stretch between two activities is looked at for itself.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
months as (select * from {{ ref('int_metrics__records_months') }}),
records as (select * from {{ ref('int_records__scheduled') }} where schedule_id is not null),
timelines as (select * from {{ ref('int_records__timeline') }}),
held as (select distinct namespace, record_id from {{ ref('int_records__holds') }}),

moved as (
    select records.namespace, records.record_id
    from records
    anti join held on records.namespace = held.namespace and records.record_id = held.record_id
    where records.trigger = 'last_activity' and records.last_activity_at is not null
),

activities as (
    select events.namespace, events.record_id, events.occurred_at
    from {{ ref('stg_retention__events') }} as events
    semi join moved on events.namespace = moved.namespace and events.record_id = moved.record_id
    where events.event_type = 'last_activity' and {{ has_happened('events') }}
),

stretches_between as (
    select
        namespace,
        record_id,
        occurred_at,
        lead(occurred_at) over (partition by namespace, record_id order by occurred_at) as next_at,
    from activities
),

-- Until the first activity the period runs from the creation.
first_stretches as (
    select timelines.namespace, timelines.record_id, timelines.created_at as occurred_at, firsts.occurred_at as next_at
    from timelines
    inner join (
        select namespace, record_id, min(occurred_at) as occurred_at from activities group by namespace, record_id
    ) as firsts
        on timelines.namespace = firsts.namespace and timelines.record_id = firsts.record_id
    where timelines.created_at < firsts.occurred_at
),

lives as (
    select timelines.* replace (stretches.occurred_at as last_activity_at), stretches.next_at
    from (
        select * from stretches_between
        union all
        select * from first_stretches
    ) as stretches
    inner join timelines on stretches.namespace = timelines.namespace and stretches.record_id = timelines.record_id
),

periods as (
    {{ record_periods('lives') }}
),

stretches as (
    select record_key, created_at, deleted_at, null::timestamptz as next_at, unheld_delete_by as delete_by
    from records
    anti join held on records.namespace = held.namespace and records.record_id = held.record_id
    where trigger <> 'last_activity' or last_activity_at is null
    union all
    select record_key, created_at, deleted_at, next_at, unheld_delete_by
    from periods
),

-- Too long for the first time at the end of the month that holds the day after delete_by.
over as (
    select
        stretches.record_key,
        stretches.delete_by,
        greatest(
            date_trunc('month', stretches.delete_by + 1), date_trunc('month', timezone(instants.time_zone, stretches.created_at))
        )::date as first_month,
        date_trunc('month', timezone(instants.time_zone, least(stretches.deleted_at, stretches.next_at)))::date as ended_month,
    from stretches
    cross join instants
    where stretches.delete_by < (select max(last_date) from months)
)

select over.record_key, months.month_start, months.last_date - over.delete_by as over_days
from over
inner join months
    on
        months.month_start >= over.first_month
        and months.month_start < coalesce(over.ended_month, date '9999-12-31')
        and months.last_date > over.delete_by
where over.ended_month is null or over.ended_month > over.first_month
