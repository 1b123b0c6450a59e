-- Medians, percentiles, means and the Kaplan-Meier median; then fct_metrics, all together.

-- How often each duration occurs; percentiles are read off the counts.
create temp table spells as
with
finest as (
    select
        what, month, days, jurisdiction, regime_code, right_type, channel, source, count(*) as n, count_if(ended) as ended
    from (
        select 'closing' as what, month_of(closed_date) as month, days_to_close::double as days, true as ended, * from snapshot.fct_requests
        where is_closed
        union all
        select 'open', month_of(received_date), coalesce(days_to_close, days_open), is_closed, * from snapshot.fct_requests
        where status <> 'excluded'
        union all
        select
            'forwarding', month_of(received_date), epoch(coalesce(forwarded_at, getvariable('as_of')) - received_at) / 3600,
            forwarded_at is not null, *
        from snapshot.fct_requests
        where role = 'processor' and (forwarded_at is not null or exclusion_reason = 'not_controller')
    )
    where days is not null
    group by all
),

by_value as (
    select
        what,
        month,
        days,
        dimension_of(grouping(jurisdiction), grouping(regime_code), grouping(right_type), grouping(channel), grouping(source)) as dimension,
        if(dimension = 'all', 'all', coalesce(jurisdiction, regime_code, right_type, channel, source, 'unknown')) as dimension_value,
        sum(n) as n,
        sum(ended) as ended
    from finest
    group by grouping sets (
        (what, month, days), (what, month, days, jurisdiction), (what, month, days, regime_code), (what, month, days, right_type),
        (what, month, days, channel), (what, month, days, source)
    )
),

by_period as (
    select what, period_grain, period_start, period_end, dimension, dimension_value, days, sum(n) as n, sum(ended) as ended
    from by_value
    inner join periods on period_grain = 'to_date' or (month >= period_start and month < period_end)
    group by all
)

select
    *,
    sum(n) over ordered as upto,
    sum(n) over whole as total
from by_period
window
    whole as (partition by what, period_grain, period_start, dimension, dimension_value),
    ordered as (partition by what, period_grain, period_start, dimension, dimension_value order by days);

create temp table statistics as
with
asked (metric_code, what, share) as (
    values ('median_days_to_close', 'closing', 50), ('p90_days_to_close', 'closing', 90)
),

read_off as (
    select
        metric_code, period_grain, period_start, period_end, dimension, dimension_value,
        min(days) filter (upto > share * (total - 1) // 100) as lower,
        min(days) filter (upto > (share * (total - 1) + 99) // 100) as upper,
        any_value(share * (total - 1) % 100) / 100.0 as between_them
    from spells
    inner join asked using (what)
    group by all
),

surviving as (
    select *, product(1 - ended / (total - upto + n)) over (
        partition by what, period_grain, period_start, dimension, dimension_value order by days
    ) as still_open
    from spells
    where what in ('open', 'forwarding')
),

lags as (
    select
        date_trunc('quarter', received_date)::date as quarter, date_trunc('year', received_date)::date as year, month_of(received_date) as month,
        channel, epoch(recorded_at - received_at) / 86400 as lag
    from snapshot.fct_requests
),

late as (
    select
        case when grouping(month) = 0 then 'month' when grouping(quarter) = 0 then 'quarter' when grouping(year) = 0 then 'year' else 'to_date' end as period_grain,
        coalesce(month, quarter, year) as period_start,
        if(grouping(channel) = 0, 'channel', 'all') as dimension,
        coalesce(channel, 'all') as dimension_value,
        quantile_cont(lag, 0.95) as value,
        nullif(quantile_cont(coalesce(lag, 'infinity'), 0.95), 'infinity') as worst
    from lags
    group by grouping sets ((month), (quarter), (year), (), (month, channel), (quarter, channel), (year, channel), (channel))
    having count(lag) > 0
)

select
    'mean_days_to_close' as metric_code, period_grain, period_start, dimension, dimension_value,
    sum(days * n)::bigint as numerator, sum(n)::bigint as denominator, sum(days * n) / sum(n) as value
from spells
where what = 'closing'
group by all
union all by name
select metric_code, period_grain, period_start, dimension, dimension_value, lower + (upper - lower) * between_them as value from read_off
union all by name
select
    if(what = 'open', 'km_median_days_open', 'forwarding_p95_hours') as metric_code, period_grain, period_start, dimension, dimension_value,
    min(days) filter (still_open <= if(what = 'open', 0.5, 0.05) + 1e-9) as value
from surviving
group by all
union all by name
select 'intake_lag_p95_days' as metric_code, *
from late;

create table snapshot.fct_metrics as
select
    metric_code,
    period_grain,
    period_start,
    period_end,
    dimension,
    dimension_value,
    numerator,
    denominator,
    if(denominator is null, numerator, numerator / nullif(denominator, 0))::double as value,
    if(denominator is null, worst_numerator, worst_numerator / nullif(worst_denominator, 0))::double as value_worst,
    getvariable('as_of') as as_of,
    case confidence when 1 then 'low' when 2 then 'medium' when 3 then 'high' end as rule_confidence,
    'passed' as quality_verdict
from counted
union all by name
select statistics.* exclude (worst), if(metric_code = 'intake_lag_p95_days', worst, value) as value_worst, period_end, getvariable('as_of') as as_of, 'passed' as quality_verdict
from statistics
inner join periods using (period_grain)
where periods.period_start is not distinct from statistics.period_start;
