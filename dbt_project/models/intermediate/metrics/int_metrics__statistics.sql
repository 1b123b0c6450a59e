-- Medians, percentiles, means and Kaplan-Meier percentiles of durations, with their worst reading: each unit that can't be
-- judged lasts longer than all others. worst_value is null where it falls among those: no bound is known.
{% set ordered = "over (partition by slice_no order by amount)" %}
with
amounts as (select * from {{ ref('int_metrics__amounts') }}),
doubt as (select * from {{ ref('int_metrics__worst_case') }}),

-- Whose units that can't be judged make a duration doubtful; `stands`: as at the end of a month, else in the course of it.
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
        sum(amounts.judged_units)::bigint as judged_units,
        sum(amounts.ended)::bigint as ended,
        sum(amounts.judged_ended)::bigint as judged_ended
    from amounts
    inner join kinds on amounts.amount_code = kinds.amount_code
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on amounts.month_start is not distinct from periods.month_start
    where not kinds.stands or periods.is_last
    group by all
),

totals as (
    select amount_code, period_grain, period_start, dimension, dimension_value, sum(units) as total, sum(judged_units) as judged_total
    from by_period
    group by all
),

-- What a statistic is taken of, by number: windows carry the number instead of five columns.
slices as materialized (
    select
        row_number() over () as slice_no,
        totals.* exclude (judged_total),
        coalesce(doubt.unjudged_units, 0) as unjudged_units,
        totals.judged_total + coalesce(doubt.unjudged_units, 0) as judged_total
    from totals
    inner join kinds on totals.amount_code = kinds.amount_code
    left join doubt
        on
            kinds.metric_code = doubt.metric_code
            and {{ same_slice('totals', 'doubt') }}
),

numbered as (
    select slices.slice_no, by_period.amount, by_period.units, by_period.judged_units, by_period.ended, by_period.judged_ended
    from by_period
    inner join slices
        on
            by_period.amount_code = slices.amount_code
            and {{ same_slice('by_period', 'slices') }}
),

ranked as (
    select *, sum(units) {{ ordered }} as rank, sum(judged_units) {{ ordered }} as judged_rank
    from numbered
),

quantiles (metric_code, amount_code, percent) as (
    values
    ('median_days_to_close', 'days_to_close', 50),
    ('p90_days_to_close', 'days_to_close', 90),
    ('over_retention_p95_days', 'over_days', 95)
),

bracketed as (
    select
        quantiles.metric_code,
        slices.slice_no,
        (percent * (any_value(total) - 1)) % 100 / 100.0 as share_of_next,
        (percent * (any_value(judged_total) - 1)) % 100 / 100.0 as worst_share_of_next,
        min(amount) filter (rank > (percent * (total - 1)) // 100) as below,
        min(amount) filter (rank > (percent * (total - 1) + 99) // 100) as above,
        min(amount) filter (judged_rank > (percent * (judged_total - 1)) // 100) as worst_below,
        min(amount) filter (judged_rank > (percent * (judged_total - 1) + 99) // 100) as worst_above
    from quantiles
    inner join slices on quantiles.amount_code = slices.amount_code
    inner join ranked on slices.slice_no = ranked.slice_no
    group by quantiles.metric_code, quantiles.percent, slices.slice_no
),

means as (
    select
        slices.slice_no,
        sum(numbered.units)::bigint as units,
        sum(numbered.amount * numbered.units)::bigint as numerator,
        case
            when any_value(slices.unjudged_units) = 0
                then sum(numbered.amount * numbered.judged_units) / nullif(sum(numbered.judged_units), 0)
        end as worst_value
    from slices
    inner join numbered on slices.slice_no = numbered.slice_no
    where slices.amount_code = 'days_to_close'
    group by slices.slice_no
),

-- Of what has not ended it is known that it lasts longer: it is at risk until then and never dropped.
lasting_quantiles (metric_code, amount_code, percent) as (
    values
    ('km_median_days_open', 'days_open', 50),
    ('forwarding_p95_hours', 'forwarding_hours', 95),
    ('withdrawal_propagation_p50_hours', 'withdrawal_hours', 50),
    ('withdrawal_propagation_p95_hours', 'withdrawal_hours', 95)
),

surviving as (
    select
        slice_no,
        amount,
        product(1 - ended / (total - rank + units)) {{ ordered }} as still_open,
        product(
            case when judged_units = 0 then 1 else 1 - judged_ended / (judged_total - judged_rank + judged_units) end
        ) {{ ordered }} as worst_still_open
    from ranked
    inner join slices using (slice_no)
    semi join lasting_quantiles on slices.amount_code = lasting_quantiles.amount_code
),

lasting as (
    select
        lasting_quantiles.metric_code,
        slices.slice_no,
        min(amount) filter (still_open <= 1 - percent / 100 + 1e-9) as value,
        min(amount) filter (worst_still_open <= 1 - percent / 100 + 1e-9) as worst_value
    from lasting_quantiles
    inner join slices on lasting_quantiles.amount_code = slices.amount_code
    inner join surviving on slices.slice_no = surviving.slice_no
    group by lasting_quantiles.metric_code, slices.slice_no
),

-- What nobody recorded may have come in later than all others.
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

of_slices as (
    select
        metric_code,
        slice_no,
        null::bigint as numerator,
        null::bigint as denominator,
        below + (above - below) * share_of_next as value,
        worst_below + (worst_above - worst_below) * worst_share_of_next as worst_value
    from bracketed
    union all
    select 'mean_days_to_close', slice_no, numerator, units, numerator / units, worst_value
    from means
    union all
    select metric_code, slice_no, null, null, value, worst_value
    from lasting
)

select
    of_slices.metric_code,
    slices.period_grain,
    slices.period_start,
    slices.dimension,
    slices.dimension_value,
    slices.total::bigint as units,
    of_slices.numerator,
    of_slices.denominator,
    of_slices.value,
    of_slices.worst_value
from of_slices
inner join slices on of_slices.slice_no = slices.slice_no
union all
select
    lags.metric_code, lags.period_grain, lags.period_start, lags.dimension, lags.dimension_value, lags.units,
    null, null, lags.value,
    case when doubt.unjudged_units is null and isfinite(lags.worst_value) then lags.worst_value end as worst_value
from lags
left join doubt
    on
        lags.metric_code = doubt.metric_code
        and {{ same_slice('lags', 'doubt') }}
