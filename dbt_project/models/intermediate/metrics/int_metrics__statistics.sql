-- Medians, percentiles, means and Kaplan-Meier percentiles of durations, with the worst case: each undetermined unit lasts
-- longer than all others. worst_value is null where it falls among those: it has no bound.
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

-- The slices of a statistic, numbered: rows carry the number instead of five columns.
month_slices as materialized (
    select row_number() over () as month_slice_no, *
    from (select distinct amount_code, month_start, dimension, dimension_value from amounts)
),

period_slices as (
    select
        month_slices.month_slice_no,
        dense_rank() over (order by month_slices.amount_code, month_slices.dimension, month_slices.dimension_value, periods.period_grain, periods.period_start)
            as slice_no,
        month_slices.amount_code,
        periods.period_grain,
        periods.period_start,
        month_slices.dimension,
        month_slices.dimension_value
    from month_slices
    inner join kinds on month_slices.amount_code = kinds.amount_code
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on month_slices.month_start is not distinct from periods.month_start
    where not kinds.stands or periods.is_last
),

numbered_amounts as (
    select
        period_slices.slice_no,
        amounts.amount,
        sum(amounts.units)::bigint as units,
        sum(amounts.determined_units)::bigint as determined_units,
        sum(amounts.ended)::bigint as ended,
        sum(amounts.determined_ended)::bigint as determined_ended
    from amounts
    inner join month_slices
        on
            amounts.amount_code = month_slices.amount_code
            and amounts.month_start is not distinct from month_slices.month_start
            and amounts.dimension = month_slices.dimension
            and amounts.dimension_value = month_slices.dimension_value
    inner join period_slices on month_slices.month_slice_no = period_slices.month_slice_no
    group by period_slices.slice_no, amounts.amount
),

totals as (
    select
        slice_no,
        sum(units) as total,
        sum(determined_units) as determined_total,
        sum(sum(units)) over earlier_slices as total_before,
        sum(sum(determined_units)) over earlier_slices as determined_total_before
    from numbered_amounts
    group by slice_no
    window earlier_slices as (order by slice_no rows between unbounded preceding and 1 preceding)
),

slices as materialized (
    select
        named.*,
        totals.total,
        coalesce(worst_case.unjudged_units, 0) as unjudged_units,
        totals.determined_total + coalesce(worst_case.unjudged_units, 0) as determined_total
    from (select distinct * exclude (month_slice_no) from period_slices) as named
    inner join totals on named.slice_no = totals.slice_no
    inner join kinds on named.amount_code = kinds.amount_code
    left join worst_case
        on
            kinds.metric_code = worst_case.metric_code
            and {{ same_slice('named', 'worst_case') }}
),

-- One running sum over all slices, less what the earlier ones add up to: several times faster than a window per slice.
ranked_amounts as (
    select
        running.* exclude (units_so_far, determined_units_so_far),
        running.units_so_far - coalesce(totals.total_before, 0) as rank,
        running.determined_units_so_far - coalesce(totals.determined_total_before, 0) as determined_rank
    from (
        select
            *,
            sum(units) over in_order as units_so_far,
            sum(determined_units) over in_order as determined_units_so_far
        from numbered_amounts
        window in_order as (order by slice_no, amount rows unbounded preceding)
    ) as running
    inner join totals on running.slice_no = totals.slice_no
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
        product(1 - ended / (total - rank + units)) over in_order as still_open,
        product(
            case when determined_units = 0 then 1 else 1 - determined_ended / (determined_total - determined_rank + determined_units) end
        ) over in_order as worst_still_open
    from ranked_amounts
    inner join slices using (slice_no)
    semi join lasting_quantiles on slices.amount_code = lasting_quantiles.amount_code
    window in_order as (partition by slice_no order by amount)
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
    union all by name
    select * from {{ ref('int_metrics__remediations_ages') }}
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
