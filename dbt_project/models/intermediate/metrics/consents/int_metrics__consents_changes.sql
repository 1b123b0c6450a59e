-- By how much the consents that begin or end in a month change the number of active ones, and of those that can be proven, from
-- that month on. What begins and ends within one month leaves no trace.
{{ config(meta={'maintained': {'over': ['fct_consents'], 'sums': ['changes', 'active', 'provable']}}) }}
{% set dimensions = ['purpose_code', 'source'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

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
    select first_month as month_start, purpose_code, source, provable, 1 as change
    from active_consents
    where first_month is distinct from ended_month
    union all
    select ended_month, purpose_code, source, provable, -1
    from active_consents
    where ended_month > first_month
)

select
    month_start,
    {{ dimension_columns(dimensions) }},
    count(*) as changes,
    sum(change)::bigint as active,
    coalesce(sum(change) filter (provable), 0)::bigint as provable,
from changes
group by {{ dimension_sets(['month_start'], dimensions) }}
