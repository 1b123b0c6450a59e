-- How long incidents went undetected, by period and dimension: the 95th percentile of those whose beginning is recorded. An
-- unrecorded beginning may lie before all others.
{% set dimensions = ['jurisdiction', 'incident_type', 'source'] %}
with
incidents as (
    select
        *,
        date_trunc('month', detected_date)::date as detected_month,
        (epoch_us(detected_at) - epoch_us(occurred_at)) / 86400000000.0::double as lag_days,
    from {{ ref('fct_incidents') }}
)

select
    'detection_lag_p95_days' as metric_code,
    periods.period_grain,
    periods.period_start,
    {{ dimension_columns(dimensions) }},
    count(incidents.lag_days) as units,
    quantile_cont(incidents.lag_days, 0.95) as value,
    quantile_cont(coalesce(incidents.lag_days, 'infinity'), 0.95) as worst_value,
from incidents
inner join {{ ref('int_metrics__periods_of_months') }} as periods on incidents.detected_month = periods.month_start
group by {{ dimension_sets(['period_grain', 'period_start'], dimensions) }}
having count(incidents.lag_days) > 0
