-- The status of a control in a period: the worst of its metrics.
with
results as (select * from {{ ref('fct_control_results') }}),

statuses as (select * from {{ ref('control_statuses') }}),

ranked_results as (
    select
        results.*,
        statuses.rank as status_rank,
        row_number() over (
            partition by results.control_id, results.period_grain, results.period_start
            order by statuses.rank, results.metric_code, results.dimension, results.dimension_value
        ) as place
    from results
    inner join statuses on results.status = statuses.status
)

select
    control_id,
    clause_id,
    period_grain,
    period_start,
    period_end,
    max(status) filter (place = 1) as status,
    max(reason) filter (place = 1) as reason,
    max(metric_code) filter (place = 1) as metric_code,
    max(dimension) filter (place = 1) as dimension,
    max(dimension_value) filter (place = 1) as dimension_value,
    sum(breaches)::bigint as breaches,
    count(metric_code)::bigint as metrics,
    case max(case quality_verdict when 'failed' then 3 when 'not_configured' then 2 else 1 end)
        when 3 then 'failed' when 2 then 'not_configured' else 'passed'
    end as quality_verdict,
    any_value(as_of) as as_of
from ranked_results
group by control_id, clause_id, period_grain, period_start, period_end
