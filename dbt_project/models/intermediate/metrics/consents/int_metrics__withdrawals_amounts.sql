-- How long withdrawals took to hold everywhere, each as long as its slowest system; within the dimension `system`, as long as
-- that system took. One that is overdue and never confirmed has no hours; at worst it lasts longer than all others.
{% set dimensions = ['purpose_code', 'source'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

systems as (
    select
        systems.*,
        date_trunc('month', timezone(instants.time_zone, systems.withdrawn_at))::date as month_start,
    from {{ ref('fct_withdrawal_systems') }} as systems
    cross join instants
),

withdrawals as (
    select
        namespace,
        event_id,
        any_value(month_start) as month_start,
        any_value(purpose_code) as purpose_code,
        any_value(source) as source,
        any_value(propagation_hours) as hours,
        bool_or(status = 'unconfirmed') as is_overdue,
    from systems
    group by namespace, event_id
),

lasting as (
    select month_start, {{ dimension_columns(dimensions) }}, hours, is_overdue, count(*) as units
    from withdrawals
    group by {{ dimension_sets(['month_start', 'hours', 'is_overdue'], dimensions) }}
    union all
    select month_start, 'system', system, hours, status = 'unconfirmed', count(*)
    from systems
    group by all
)

select
    'propagation_hours' as amount_code,
    month_start,
    dimension,
    dimension_value,
    coalesce(hours, 'infinity'::double) as amount,
    case when hours is null then 0 else units end::bigint as units,
    units::bigint as judged_units,
    0::bigint as ended,
    0::bigint as judged_ended,
from lasting
where hours is not null or is_overdue
