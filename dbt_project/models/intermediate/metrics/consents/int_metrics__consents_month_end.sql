-- Active consents at the end of each month, and those of them that can be proven. What begins or ends in a month changes the
-- standing of that month and of all later ones; what begins and ends within one leaves no trace.
{% set dimensions = ['purpose_code', 'source'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

months as (select month_start from {{ ref('int_metrics__months') }}),

active_consents as (
    select
        consents.purpose_code,
        consents.source,
        consents.provable,
        date_trunc('month', timezone(instants.time_zone, consents.valid_from))::date as first_month,
        date_trunc('month', timezone(instants.time_zone, consents.valid_to))::date as ended_month,
    from {{ ref('fct_consents') }} as consents
    cross join instants
    where consents.state = 'active'
),

changes as (
    select
        month_start,
        {{ dimension_columns(dimensions) }},
        sum(change)::bigint as active,
        coalesce(sum(change) filter (provable), 0)::bigint as provable,
    from (
        select first_month as month_start, purpose_code, source, provable, 1 as change
        from active_consents
        where first_month is distinct from ended_month
        union all
        select ended_month, purpose_code, source, provable, -1
        from active_consents
        where ended_month > first_month
    )
    group by {{ dimension_sets(['month_start'], dimensions) }}
),

month_ends as (
    select
        months.month_start,
        changes.dimension,
        changes.dimension_value,
        sum(changes.active)::bigint as active,
        sum(changes.provable)::bigint as provable,
    from months
    inner join changes on changes.month_start <= months.month_start
    group by all
)

select 'active_consents' as metric_code, month_start, dimension, dimension_value, active as units, active as numerator, null::bigint as denominator
from month_ends
union all
select 'consent_provable_rate', month_start, dimension, dimension_value, active, provable, active
from month_ends
