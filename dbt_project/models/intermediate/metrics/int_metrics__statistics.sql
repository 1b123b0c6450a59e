-- Medians, percentiles, means and Kaplan-Meier percentiles of durations, with their worst reading: each unit that can't be
-- judged lasts longer than all others. worst_value is null where it falls among those: no bound is known.
{% set ordered = "over (partition by amount_code, period_grain, period_start, dimension, dimension_value order by amount)" %}
{% set whole = "over (partition by amount_code, period_grain, period_start, dimension, dimension_value)" %}
with
amounts as (select * from {{ ref('int_metrics__amounts') }}),
doubt as (select * from {{ ref('int_metrics__doubt') }}),

-- Whose units that can't be judged make a duration doubtful; `stands`: as at the end of a month, else in the course of it.
kinds (amount_code, metric_code, stands) as (
    values
    ('days_to_close', 'median_days_to_close', false),
    ('days_open', 'km_median_days_open', false),
    ('forwarding_hours', 'forwarding_p95_hours', false),
    ('withdrawal_hours', 'withdrawal_propagation_p50_hours', false),
    ('over_days', 'over_retention_p95_days', true)
),

by_period as (
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

doubtful as (
    select by_period.*, coalesce(doubt.unjudged_units, 0) as unjudged_units
    from by_period
    inner join kinds on by_period.amount_code = kinds.amount_code
    left join doubt
        on
            kinds.metric_code = doubt.metric_code
            and by_period.period_grain = doubt.period_grain
            and by_period.period_start is not distinct from doubt.period_start
            and by_period.dimension = doubt.dimension
            and by_period.dimension_value = doubt.dimension_value
),

ranked as (
    select
        *,
        sum(units) {{ ordered }} as rank,
        sum(units) {{ whole }} as total,
        sum(judged_units) {{ ordered }} as judged_rank,
        sum(judged_units) {{ whole }} + unjudged_units as judged_total
    from doubtful
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
        ranked.period_grain,
        ranked.period_start,
        ranked.dimension,
        ranked.dimension_value,
        any_value(total)::bigint as units,
        (percent * (any_value(total) - 1)) % 100 / 100.0 as share_of_next,
        (percent * (any_value(judged_total) - 1)) % 100 / 100.0 as worst_share_of_next,
        min(amount) filter (rank > (percent * (total - 1)) // 100) as below,
        min(amount) filter (rank > (percent * (total - 1) + 99) // 100) as above,
        min(amount) filter (judged_rank > (percent * (judged_total - 1)) // 100) as worst_below,
        min(amount) filter (judged_rank > (percent * (judged_total - 1) + 99) // 100) as worst_above
    from ranked
    inner join quantiles on ranked.amount_code = quantiles.amount_code
    group by quantiles.metric_code, quantiles.percent, ranked.period_grain, ranked.period_start, ranked.dimension, ranked.dimension_value
),

means as (
    select
        'mean_days_to_close' as metric_code,
        period_grain,
        period_start,
        dimension,
        dimension_value,
        sum(units)::bigint as units,
        sum(amount * units)::bigint as numerator,
        sum(units)::bigint as denominator,
        case when any_value(unjudged_units) = 0 then sum(amount * judged_units) / nullif(sum(judged_units), 0) end as worst_value
    from doubtful
    where amount_code = 'days_to_close'
    group by period_grain, period_start, dimension, dimension_value
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
        *,
        product(1 - ended / (total - rank + units)) {{ ordered }} as still_open,
        product(
            case when judged_units = 0 then 1 else 1 - judged_ended / (judged_total - judged_rank + judged_units) end
        ) {{ ordered }} as worst_still_open
    from ranked
    semi join lasting_quantiles on ranked.amount_code = lasting_quantiles.amount_code
),

lasting as (
    select
        lasting_quantiles.metric_code,
        surviving.period_grain,
        surviving.period_start,
        surviving.dimension,
        surviving.dimension_value,
        any_value(total)::bigint as units,
        min(amount) filter (still_open <= 1 - percent / 100 + 1e-9) as value,
        min(amount) filter (worst_still_open <= 1 - percent / 100 + 1e-9) as worst_value
    from surviving
    inner join lasting_quantiles on surviving.amount_code = lasting_quantiles.amount_code
    group by
        lasting_quantiles.metric_code, surviving.period_grain, surviving.period_start, surviving.dimension, surviving.dimension_value
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
)

select
    metric_code,
    period_grain,
    period_start,
    dimension,
    dimension_value,
    units,
    null::bigint as numerator,
    null::bigint as denominator,
    below + (above - below) * share_of_next as value,
    worst_below + (worst_above - worst_below) * worst_share_of_next as worst_value
from bracketed
union all
select
    metric_code, period_grain, period_start, dimension, dimension_value, units,
    numerator, denominator, numerator / denominator as value, worst_value
from means
union all
select metric_code, period_grain, period_start, dimension, dimension_value, units, null, null, value, worst_value
from lasting
union all
select
    lags.metric_code, lags.period_grain, lags.period_start, lags.dimension, lags.dimension_value, lags.units,
    null, null, lags.value,
    case when doubt.unjudged_units is null and isfinite(lags.worst_value) then lags.worst_value end as worst_value
from lags
left join doubt
    on
        lags.metric_code = doubt.metric_code
        and lags.period_grain = doubt.period_grain
        and lags.period_start is not distinct from doubt.period_start
        and lags.dimension = doubt.dimension
        and lags.dimension_value = doubt.dimension_value
