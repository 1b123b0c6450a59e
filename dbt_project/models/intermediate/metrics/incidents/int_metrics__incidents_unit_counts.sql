-- Incidents, counted by kind.
{% set dimensions = ['jurisdiction', 'incident_type', 'source'] %}
{% set kinds = [
    'detected_month', 'authority_due_month', 'status', 'assessed_overdue', 'is_answered_too_early', 'no_risk_for_many',
    'persons_due_month', 'persons_status', 'persons_doubt',
] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

incidents as (
    select
        incidents.*,
        coalesce(case incidents.status
            when 'on_time' then incidents.authority_notified_at < incidents.detected_at
            when 'not_required' then incidents.assessed_no_risk_at < incidents.detected_at
        end, false) as is_answered_too_early,
        date_trunc('month', incidents.detected_date)::date as detected_month,
        date_trunc('month', timezone(instants.time_zone, incidents.authority_due_at))::date as authority_due_month,
        date_trunc('month', timezone(instants.time_zone, incidents.persons_due_at))::date as persons_due_month,
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
