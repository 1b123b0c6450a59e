-- How often each duration occurs, by month and dimension: percentiles are read off these counts, so that a quarter, a
-- year and everything to date cost an addition and no sort of the requests.
{% set dimensions = request_dimensions() %}
{% set keys = ['received_month', 'closed_month', 'is_closed', 'is_determined', 'days'] %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),

waits as (
    select
        {{ keys | join(', ') }},
        {{ dimension_columns(dimensions) }},
        count(*) as units
    from (
        select *, coalesce(days_to_close, days_open) as days
        from units
        where status <> 'excluded'
    )
    where days is not null
    group by {{ dimension_sets(keys, dimensions) }}
),

forwardings as (
    select
        received_month,
        is_determined,
        is_forwarded,
        forwarding_hours,
        {{ dimension_columns(dimensions) }},
        count(*) as units
    from units
    where forwarding_hours is not null
    group by {{ dimension_sets(['received_month', 'is_determined', 'is_forwarded', 'forwarding_hours'], dimensions) }}
),

amounts as (
    select 'days_to_close' as amount_code, closed_month as month_start, dimension, dimension_value, days::double as amount, is_determined, true as has_ended, units
    from waits
    where is_closed
    union all
    select 'days_open', received_month, dimension, dimension_value, days, is_determined, is_closed, units
    from waits
    union all
    select 'forwarding_hours', received_month, dimension, dimension_value, forwarding_hours, is_determined, is_forwarded, units
    from forwardings
)

select
    amount_code,
    month_start,
    dimension,
    dimension_value,
    amount,
    sum(units)::bigint as units,
    coalesce(sum(units) filter (is_determined), 0)::bigint as determined_units,
    coalesce(sum(units) filter (has_ended), 0)::bigint as ended,
    coalesce(sum(units) filter (has_ended and is_determined), 0)::bigint as determined_ended
from amounts
group by all
