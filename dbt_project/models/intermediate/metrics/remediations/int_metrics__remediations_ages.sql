-- How old the findings in open groups are at as_of: the 95th percentile of whole local days since they happened. An undated
-- one may be older than all others.
{% set dimensions = ['severity'] %}
with
cases as (
    select
        findings.severity,
        'to_date' as period_grain,
        null::date as period_start,
        (instants.as_of at time zone instants.time_zone)::date - (findings.occurred_at at time zone instants.time_zone)::date as age_days,
    from {{ ref('fct_findings') }} as findings
    inner join {{ ref('fct_remediations') }} as remediations on findings.group_key = remediations.group_key
    cross join {{ source('run', 'run_instants') }} as instants
    where
        remediations.is_open
        and exists (select 1 from {{ source('landing', 'batches') }} as batches where batches.log = 'remediations')
)

select
    'open_finding_age_p95_days' as metric_code,
    period_grain,
    period_start,
    {{ dimension_columns(dimensions) }},
    count(age_days) as units,
    quantile_cont(age_days::double, 0.95) as value,
    quantile_cont(coalesce(age_days::double, 'infinity'), 0.95) as worst_value,
from cases
group by {{ dimension_sets(['period_grain', 'period_start'], dimensions) }}
having count(age_days) > 0
