-- Incidents of a kind, counted.
{% set dimensions = ['jurisdiction', 'incident_type', 'source'] %}
{% set kinds = ['detected_month', 'authority_due_month', 'status', 'assessed_overdue'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

incidents as (
    select
        incidents.*,
        date_trunc('month', incidents.detected_date)::date as detected_month,
        date_trunc('month', timezone(instants.time_zone, incidents.authority_due_at))::date as authority_due_month,
    from {{ ref('fct_incidents') }} as incidents
    cross join instants
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units,
    coalesce(sum(affected_subjects), 0)::bigint as affected_subjects,
from incidents
group by {{ dimension_sets(kinds, dimensions) }}
