-- Record sets that ever had a hold and were kept too long at the end of a month, or of which nobody could say so (over_days null),
-- each looked at as it stood then.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
months as (select * from {{ ref('int_metrics__records_months') }}),

held as (
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

asked as (
    select held.namespace, held.record_id, months.ends_at as state_at
    from held
    inner join months
        on months.month_start >= held.first_month and months.month_start < coalesce(held.deleted_month, date '9999-12-31')
),

states as (
    {{ records_at('asked') }}
)

select states.record_key, months.month_start, states.over_days
from states
inner join months on states.state_at = months.ends_at
where states.status = 'over_retained' or {{ may_be_overdue('states') }}
