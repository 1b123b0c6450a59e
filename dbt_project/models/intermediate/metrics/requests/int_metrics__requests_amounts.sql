-- How often each duration occurs, by month and dimension: percentiles are read off these counts, so that a quarter, a
-- year and everything to date cost an addition and no sort of the requests.
{% set dimensions = request_dimensions() %}
{% set keys = ['received_month', 'closed_month', 'is_closed', 'is_determined', 'days'] %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),

own_dimensions as (select dimension from {{ ref('int_metrics__own_dimensions') }} where log = 'requests'),

waiting_units as (
    select *, coalesce(days_to_close, days_open) as days
    from units
    where status <> 'excluded' and (days_to_close is not null or days_open is not null)
),

waits as (
    select
        {{ keys | join(', ') }},
        {{ dimension_columns(dimensions) }},
        count(*) as units
    from waiting_units
    group by {{ dimension_sets(keys, dimensions) }}
    union all
    select {{ keys | join(', ') }}, own_dimensions.dimension, {{ own_dimension_value('waiting_units') }}, count(*)
    from waiting_units
    cross join own_dimensions
    group by all
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
    union all
    select received_month, is_determined, is_forwarded, forwarding_hours, own_dimensions.dimension, {{ own_dimension_value('units') }}, count(*)
    from units
    cross join own_dimensions
    where forwarding_hours is not null
    group by all
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
