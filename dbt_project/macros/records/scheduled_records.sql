{#- What int_records__scheduled has of record sets: how long each must and may be kept as of as_of, holds left aside. `timelines`: rows of
int_records__timeline. -#}
{% macro scheduled_records(timelines) -%}
with
as_of as (
    select as_of as state_at, cast(timezone(time_zone, as_of) as date) as state_date
    from {{ source('run', 'run_instants') }}
),

records as (
    select timelines.*, as_of.state_at, as_of.state_date
    from {{ timelines }} as timelines
    cross join as_of
),

periods as (
    {{ record_periods('records') }}
)

select * from periods
{%- endmacro %}
