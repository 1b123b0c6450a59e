-- Medians, percentiles and means of durations, and those of other statistics, with the worst case: each undetermined unit lasts
-- longer than all others. worst_value is null where it falls among those: it has no bound.
with
quantiles (metric_code, amount_code, percent) as (
    values
    ('median_days_to_close', 'days_to_close', 50),
    ('p90_days_to_close', 'days_to_close', 90),
    ('over_retention_p95_days', 'over_days', 95)
),

amounts as (
    select amounts.*
    from {{ ref('int_metrics__amounts') }} as amounts
    semi join quantiles on amounts.amount_code = quantiles.amount_code
),

worst_case as (select * from {{ ref('int_metrics__worst_case') }}),

slices_of_months as (select * from {{ ref('int_metrics__amount_slices') }}),

numbered_amounts as (
    select
        slices_of_months.slice_no,
        amounts.amount,
        sum(amounts.units)::bigint as units,
        sum(amounts.determined_units)::bigint as determined_units
    from amounts
    inner join slices_of_months
        on
            amounts.amount_code = slices_of_months.amount_code
            and amounts.month_start is not distinct from slices_of_months.month_start
            and amounts.dimension = slices_of_months.dimension
            and amounts.dimension_value = slices_of_months.dimension_value
    group by slices_of_months.slice_no, amounts.amount
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
        totals.determined_total + named.unjudged_units as determined_total
    from (select distinct * exclude (month_slice_no, month_start) from slices_of_months) as named
    inner join totals on named.slice_no = totals.slice_no
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
union all by name
select *
from {{ ref('int_metrics__survival_percentiles') }}
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
