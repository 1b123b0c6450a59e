-- Systems that have to stop after a withdrawal, of a kind, counted.
{% set dimensions = ['purpose_code', 'source', 'system'] %}
{% set kinds = ['withdrawn_month', 'in_time'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

expected as (
    select
        systems.*,
        date_trunc('month', timezone(instants.time_zone, systems.withdrawn_at))::date as withdrawn_month,
    from {{ ref('fct_withdrawal_systems') }} as systems
    cross join instants
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units,
from expected
group by {{ dimension_sets(kinds, dimensions) }}
