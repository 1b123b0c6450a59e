-- The published figures: each with its denominator, its worst case, and the worst verdict of the source gate over the logs
-- behind it.
with
figures as (select * from {{ ref('int_metrics__figures') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

evidence as (select metric_code, quality_verdict from {{ ref('int_controls__metric_evidence') }})

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
    evidence.quality_verdict,
    figures.units::bigint as units,
    figures.unjudged_units::bigint as unjudged_units,
    figures.pending_units::bigint as pending_units,
    figures.worst_numerator::bigint as worst_numerator,
    figures.worst_denominator::bigint as worst_denominator
from figures
cross join instants
inner join evidence on figures.metric_code = evidence.metric_code
