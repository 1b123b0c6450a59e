-- How many hours went by until a system confirmed a withdrawal, by month of the withdrawal and dimension. One that has not
-- confirmed has lasted until as_of and has not ended.
{% set dimensions = ['purpose_code', 'source', 'system'] %}
{% set keys = ['withdrawn_month', 'lasted_hours', 'has_ended'] %}
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

systems as (
    select
        systems.purpose_code,
        systems.source,
        systems.system,
        date_trunc('month', timezone(instants.time_zone, systems.withdrawn_at))::date as withdrawn_month,
        coalesce(systems.hours, (epoch_us(instants.as_of) - epoch_us(systems.withdrawn_at)) / 3600000000) as lasted_hours,
        systems.hours is not null as has_ended,
    from {{ ref('fct_withdrawal_systems') }} as systems
    cross join instants
),

units_by_dimension as (
    select {{ keys | join(', ') }}, {{ dimension_columns(dimensions) }}, count(*) as units
    from systems
    group by {{ dimension_sets(keys, dimensions) }}
)

select
    'withdrawal_hours' as amount_code,
    withdrawn_month as month_start,
    dimension,
    dimension_value,
    lasted_hours as amount,
    sum(units)::bigint as units,
    sum(units)::bigint as determined_units,
    coalesce(sum(units) filter (has_ended), 0)::bigint as ended,
    coalesce(sum(units) filter (has_ended), 0)::bigint as determined_ended,
from units_by_dimension
group by withdrawn_month, dimension, dimension_value, lasted_hours
