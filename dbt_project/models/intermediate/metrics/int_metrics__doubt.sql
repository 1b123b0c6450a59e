-- Units that can't be judged, by metric, period and dimension: what value_worst adds as missed. One that fits no value of
-- a dimension for sure is told for every value that the log or a control knows.
with
unjudged as (select * from {{ ref('int_metrics__unjudged') }}),
placed_by as (select * from {{ ref('int_metrics__placed_by') }}),
catalogue as (
    select metric_code, mart, string_split(dimensions, ';') as dimensions from {{ ref('metric_catalogue') }}
),

told as (
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__counted') }}
    union
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__standing') }}
    union
    select placed_by.metric_code, unjudged.dimension, unjudged.dimension_value
    from unjudged
    inner join placed_by on unjudged.basis = placed_by.basis
    where unjudged.dimension_value is not null
    union
    select metric_code, dimension, dimension_value from {{ source('pack', 'control_metrics') }}
),

-- Metrics of one mart know the same values.
known_values as (
    select distinct catalogue.mart, told.dimension, told.dimension_value
    from told
    inner join catalogue on told.metric_code = catalogue.metric_code
)

select
    placed_by.metric_code,
    unjudged.period_grain,
    unjudged.period_start,
    known_values.dimension,
    known_values.dimension_value,
    sum(
        case when placed_by.by_weight then unjudged.evidence_weight else unjudged.evidence_units end
        + case when placed_by.by_rule then unjudged.no_rule_units else 0 end
        + coalesce(unjudged.undated_units, 0)
    )::bigint as unjudged_units,
    coalesce(sum(unjudged.undated_units), 0)::bigint as undated_units
from unjudged
inner join placed_by on unjudged.basis = placed_by.basis
inner join catalogue on placed_by.metric_code = catalogue.metric_code and list_contains(catalogue.dimensions, unjudged.dimension)
inner join known_values
    on
        catalogue.mart = known_values.mart
        and unjudged.dimension = known_values.dimension
        and (unjudged.dimension_value is null or unjudged.dimension_value = known_values.dimension_value)
where placed_by.basis <> 'none' or unjudged.period_grain = 'to_date'
group by all
having unjudged_units > 0
