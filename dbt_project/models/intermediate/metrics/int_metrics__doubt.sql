-- Units that can't be judged, by metric, period and dimension: what value_worst adds as missed. One that fits no value of
-- a dimension for sure is told for every value that the log
-- or a control knows.
with
unjudged as (select * from {{ ref('int_metrics__unjudged') }}),
placed_by as (select * from {{ ref('int_metrics__requests_placed_by') }}),

known_values as (
    select distinct dimension, dimension_value from {{ ref('int_metrics__requests_counted') }}
    union
    select distinct dimension, dimension_value from unjudged where dimension_value is not null
    union
    select distinct dimension, dimension_value from {{ source('pack', 'control_metrics') }}
)

select
    placed_by.metric_code,
    unjudged.period_grain,
    unjudged.period_start,
    known_values.dimension,
    known_values.dimension_value,
    sum(unjudged.evidence_units + case when placed_by.by_rule then unjudged.no_rule_units else 0 end)::bigint as unjudged_units
from unjudged
inner join known_values
    on
        unjudged.dimension = known_values.dimension
        and (unjudged.dimension_value is null or unjudged.dimension_value = known_values.dimension_value)
inner join placed_by on unjudged.basis = placed_by.basis
where placed_by.basis <> 'none' or unjudged.period_grain = 'to_date'
group by all
having unjudged_units > 0
