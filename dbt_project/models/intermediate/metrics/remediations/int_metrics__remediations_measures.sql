-- Groups and findings by where they stand at as_of. Every figure stands alone, of no month; none without the log.
{% set dimensions = ['severity'] %}
with
groups as (
    select
        remediations.*,
        null::date as month_start,
        case
            when state <> 'accepted' then null
            when accepted_until < (instants.as_of at time zone instants.time_zone)::date + 30 then 'within_30_days'
            when accepted_until < (instants.as_of at time zone instants.time_zone)::date + 90 then 'within_90_days'
            else 'later'
        end as expiry,
    from {{ ref('fct_remediations') }} as remediations
    cross join {{ source('run', 'run_instants') }} as instants
    where
        remediations.cases > 0
        and exists (select 1 from {{ source('landing', 'batches') }} as batches where batches.log = 'remediations')
)

select
    'open_findings' as metric_code,
    month_start,
    {{ dimension_columns(dimensions) }},
    sum(cases)::bigint as units,
    coalesce(sum(cases) filter (is_open), 0)::bigint as numerator,
from groups
group by {{ dimension_sets(['month_start'], dimensions) }}
union all by name
select
    'accepted_findings' as metric_code,
    month_start,
    {{ dimension_columns(['severity', 'expiry']) }},
    sum(cases)::bigint as units,
    sum(cases)::bigint as numerator,
from groups
where state = 'accepted'
group by {{ dimension_sets(['month_start'], ['severity', 'expiry']) }}
{% for code, units, numerator in [
    ('overdue_remediations', "state in ('assigned', 'overdue')", "state = 'overdue'"),
    ('acceptance_too_long_count', "state = 'accepted'", 'is_accepted_too_long'),
    ('unlisted_owner_count', 'is_open and owner is not null', 'owner_is_listed is false'),
] %}
union all by name
select
    '{{ code }}' as metric_code,
    month_start,
    {{ dimension_columns(dimensions) }},
    count(*) as units,
    count(*) filter ({{ numerator }}) as numerator,
from groups
where {{ units }}
group by {{ dimension_sets(['month_start'], dimensions) }}
{% endfor %}
