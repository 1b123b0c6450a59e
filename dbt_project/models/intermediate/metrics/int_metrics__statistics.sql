-- Medians, percentiles, means and Kaplan-Meier percentiles of durations, with the worst case: each undetermined unit lasts
-- longer than all others. worst_value is null where it falls among those: it has no bound.
{% set ordered = "over (partition by slice_no order by amount)" %}
with
amounts as (select * from {{ ref('int_metrics__amounts') }}),
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

by_period as materialized (
    select
        amounts.amount_code,
        periods.period_grain,
        periods.period_start,
        amounts.dimension,
        amounts.dimension_value,
        amounts.amount,
        sum(amounts.units)::bigint as units,
        sum(amounts.determined_units)::bigint as determined_units,
        sum(amounts.ended)::bigint as ended,
        sum(amounts.determined_ended)::bigint as determined_ended
    from amounts
    inner join kinds on amounts.amount_code = kinds.amount_code
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on amounts.month_start is not distinct from periods.month_start
    where not kinds.stands or periods.is_last
    group by all
),

totals as (
    select amount_code, period_grain, period_start, dimension, dimension_value, sum(units) as total, sum(determined_units) as determined_total
    from by_period
    group by all
),

-- The slices of a statistic, numbered: windows carry the number instead of five columns.
slices as materialized (
    select
        row_number() over () as slice_no,
        totals.* exclude (determined_total),
        coalesce(worst_case.unjudged_units, 0) as unjudged_units,
        totals.determined_total + coalesce(worst_case.unjudged_units, 0) as determined_total
    from totals
    inner join kinds on totals.amount_code = kinds.amount_code
    left join worst_case
        on
            kinds.metric_code = worst_case.metric_code
            and {{ same_slice('totals', 'worst_case') }}
),

numbered_amounts as (
    select slices.slice_no, by_period.amount, by_period.units, by_period.determined_units, by_period.ended, by_period.determined_ended
    from by_period
    inner join slices
        on
            by_period.amount_code = slices.amount_code
            and {{ same_slice('by_period', 'slices') }}
),

ranked_amounts as (
    select *, sum(units) {{ ordered }} as rank, sum(determined_units) {{ ordered }} as determined_rank
    from numbered_amounts
),

quantiles (metric_code, amount_code, percent) as (
    values
    ('median_days_to_close', 'days_to_close', 50),
    ('p90_days_to_close', 'days_to_close', 90),
    ('over_retention_p95_days', 'over_days', 95)
),

quantile_bounds as (
    select
        quantiles.metric_code,
        slices.slice_no,
        (percent * (any_value(total) - 1)) % 100 / 100.0 as share_of_next,
        (percent * (any_value(determined_total) - 1)) % 100 / 100.0 as worst_share_of_next,
        min(amount) filter (rank > (percent * (total - 1)) // 100) as below,
        min(amount) filter (rank > (percent * (total - 1) + 99) // 100) as above,
        min(amount) filter (determined_rank > (percent * (determined_total - 1)) // 100) as worst_below,
        min(amount) filter (determined_rank > (percent * (determined_total - 1) + 99) // 100) as worst_above
    from quantiles
    inner join slices on quantiles.amount_code = slices.amount_code
    inner join ranked_amounts on slices.slice_no = ranked_amounts.slice_no
    group by quantiles.metric_code, quantiles.percent, slices.slice_no
),

means as (
    select
        slices.slice_no,
        sum(numbered_amounts.units)::bigint as units,
        sum(numbered_amounts.amount * numbered_amounts.units)::bigint as numerator,
        case
            when any_value(slices.unjudged_units) = 0
                then sum(numbered_amounts.amount * numbered_amounts.determined_units) / nullif(sum(numbered_amounts.determined_units), 0)
        end as worst_value
    from slices
    inner join numbered_amounts on slices.slice_no = numbered_amounts.slice_no
    where slices.amount_code = 'days_to_close'
    group by slices.slice_no
),

-- A duration that has not ended lasts longer than until now: it is at risk until then and never dropped.
lasting_quantiles (metric_code, amount_code, percent) as (
    values
    ('km_median_days_open', 'days_open', 50),
    ('forwarding_p95_hours', 'forwarding_hours', 95),
    ('withdrawal_propagation_p50_hours', 'withdrawal_hours', 50),
    ('withdrawal_propagation_p95_hours', 'withdrawal_hours', 95)
),

survival as (
    select
        slice_no,
        amount,
        product(1 - ended / (total - rank + units)) {{ ordered }} as still_open,
        product(
            case when determined_units = 0 then 1 else 1 - determined_ended / (determined_total - determined_rank + determined_units) end
        ) {{ ordered }} as worst_still_open
    from ranked_amounts
    inner join slices using (slice_no)
    semi join lasting_quantiles on slices.amount_code = lasting_quantiles.amount_code
),

survival_quantiles as (
    select
        lasting_quantiles.metric_code,
        slices.slice_no,
        min(amount) filter (still_open <= 1 - percent / 100 + 1e-9) as value,
        min(amount) filter (worst_still_open <= 1 - percent / 100 + 1e-9) as worst_value
    from lasting_quantiles
    inner join slices on lasting_quantiles.amount_code = slices.amount_code
    inner join survival on slices.slice_no = survival.slice_no
    group by lasting_quantiles.metric_code, slices.slice_no
),

-- A receipt without a record time may have been recorded later than all others.
intake as (
    select
        'intake_lag_p95_days' as metric_code,
        periods.period_grain,
        periods.period_start,
        {{ dimension_columns(['channel']) }},
        count(units.intake_lag_days) as units,
        quantile_cont(units.intake_lag_days, 0.95) as value,
        quantile_cont(coalesce(units.intake_lag_days, 'infinity'), 0.95) as worst_value
    from {{ ref('int_metrics__requests_units') }} as units
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on units.received_month = periods.month_start
    group by {{ dimension_sets(['period_grain', 'period_start'], ['channel']) }}
    having count(units.intake_lag_days) > 0
),

lags as (
    select * from intake
    union all by name
    select * from {{ ref('int_metrics__incidents_lags') }}
),

slice_values as (
    select
        metric_code,
        slice_no,
        null::bigint as numerator,
        null::bigint as denominator,
        below + (above - below) * share_of_next as value,
        worst_below + (worst_above - worst_below) * worst_share_of_next as worst_value
    from quantile_bounds
    union all
    select 'mean_days_to_close', slice_no, numerator, units, numerator / units, worst_value
    from means
    union all
    select metric_code, slice_no, null, null, value, worst_value
    from survival_quantiles
)

select
    slice_values.metric_code,
    slices.period_grain,
    slices.period_start,
    slices.dimension,
    slices.dimension_value,
    slices.total::bigint as units,
    slice_values.numerator,
    slice_values.denominator,
    slice_values.value,
    slice_values.worst_value
from slice_values
inner join slices on slice_values.slice_no = slices.slice_no
union all
select
    lags.metric_code, lags.period_grain, lags.period_start, lags.dimension, lags.dimension_value, lags.units,
    null, null, lags.value,
    case when worst_case.unjudged_units is null and isfinite(lags.worst_value) then lags.worst_value end as worst_value
from lags
left join worst_case
    on
        lags.metric_code = worst_case.metric_code
        and {{ same_slice('lags', 'worst_case') }}
