-- The figures as they are published: each with what it is out of, what it would be at worst, and what its log is worth.
with
figures as (select * from {{ ref('int_metrics__figures') }}),
instants as (select as_of from {{ source('run', 'run_instants') }}),
verdicts as (select * from {{ ref('int_controls__log_verdicts') }}),

-- The worst verdict over the logs that feed the metric; a log without a verdict is not_configured. The metrics about
-- landing itself (every log feeds them) are judged by the logs that have a source.
metric_logs as (
    select metric_code, unnest(string_split(logs, ';')) as log, period_by = 'landed_at' as is_about_landing
    from {{ ref('metric_catalogue') }}
    where modelled
),

qualities as (
    select
        metric_logs.metric_code,
        case max(case coalesce(verdicts.verdict, 'not_configured') when 'failed' then 3 when 'not_configured' then 2 else 1 end)
            when 3 then 'failed' when 2 then 'not_configured' else 'passed'
        end as quality_verdict
    from metric_logs
    left join verdicts on metric_logs.log = verdicts.log
    where not metric_logs.is_about_landing or verdicts.has_source
    group by metric_logs.metric_code
)

select
    figures.metric_code,
    figures.period_grain,
    figures.period_start,
    figures.period_end,
    figures.dimension,
    figures.dimension_value,
    figures.numerator::bigint as numerator,
    figures.denominator::bigint as denominator,
    figures.value,
    figures.value_worst,
    figures.unit,
    instants.as_of,
    figures.rule_confidence,
    coalesce(qualities.quality_verdict, 'not_configured') as quality_verdict,
    figures.units::bigint as units,
    figures.unjudged_units::bigint as unjudged_units,
    figures.pending_units::bigint as pending_units,
    figures.worst_numerator::bigint as worst_numerator,
    figures.worst_denominator::bigint as worst_denominator
from figures
cross join instants
left join qualities on figures.metric_code = qualities.metric_code
