-- Every slice of a statistic with the slices of months that it adds up, numbered: rows carry numbers instead of five columns.
with
worst_case as (select * from {{ ref('int_metrics__worst_case') }}),

-- The metric whose undetermined units affect a duration; `stands`: as at the end of a month, else in the course of it.
kinds (amount_code, metric_code, stands) as (
    values
    ('days_to_close', 'median_days_to_close', false),
    ('days_open', 'km_median_days_open', false),
    ('forwarding_hours', 'forwarding_p95_hours', false),
    ('withdrawal_hours', 'withdrawal_propagation_p50_hours', false),
    ('over_days', 'over_retention_p95_days', true)
),

month_slices as (
    select row_number() over () as month_slice_no, *
    from (select distinct amount_code, month_start, dimension, dimension_value from {{ ref('int_metrics__amounts') }})
)

select
    month_slices.month_slice_no,
    dense_rank() over (order by month_slices.amount_code, month_slices.dimension, month_slices.dimension_value, periods.period_grain, periods.period_start)
        as slice_no,
    month_slices.amount_code,
    month_slices.month_start,
    periods.period_grain,
    periods.period_start,
    month_slices.dimension,
    month_slices.dimension_value,
    coalesce(worst_case.unjudged_units, 0) as unjudged_units
from month_slices
inner join kinds on month_slices.amount_code = kinds.amount_code
inner join {{ ref('int_metrics__periods_of_months') }} as periods on month_slices.month_start is not distinct from periods.month_start
left join worst_case
    on
        kinds.metric_code = worst_case.metric_code
        and periods.period_grain = worst_case.period_grain
        and periods.period_start is not distinct from worst_case.period_start
        and month_slices.dimension = worst_case.dimension
        and month_slices.dimension_value = worst_case.dimension_value
where not kinds.stands or periods.is_last
