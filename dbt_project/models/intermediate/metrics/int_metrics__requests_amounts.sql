-- How often each duration occurs, by month and dimension: percentiles are read off these counts, so that a quarter, a
-- year and everything to date cost an addition and no sort of the requests.
{% set dimensions = request_dimensions() %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),

{% for amount, month, value, population, happened in [
    ('days_to_close', 'closed_month', 'days_to_close', 'is_closed', 'is_closed'),
    ('days_open', 'received_month', "coalesce(days_to_close, days_open)", "status <> 'excluded'", 'is_closed'),
    ('forwarding_hours', 'received_month', 'forwarding_hours', "forwarding_hours is not null", 'true'),
] %}
{{ amount }} as (
    select
        '{{ amount }}' as amount_code,
        placed_month as month_start,
        {{ dimension_columns(dimensions) }},
        amount,
        count(*) as units,
        count_if(is_judged) as judged_units,
        count_if({{ happened }}) as ended,
        count_if({{ happened }} and is_judged) as judged_ended
    from (select *, {{ month }} as placed_month, {{ value }}::double as amount from units)
    where {{ population }} and amount is not null and placed_month is not null
    group by {{ dimension_sets(['placed_month', 'amount'], dimensions) }}
){{ ',' if not loop.last }}
{% endfor %}

select * from days_to_close
union all
select * from days_open
union all
select * from forwarding_hours
