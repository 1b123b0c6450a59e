-- Units that can't be judged, by metric, period and dimension: what value_worst adds as missed. One that fits no value of
-- a dimension for sure counts under every value that the log or a control has; so does one whose value the log states as unknown.
with
unjudged as (select * from {{ ref('int_metrics__undetermined') }}),
placed_by as (select * from {{ ref('int_metrics__period_rules') }}),
catalogue as (
    select metric_code, mart, statistic, string_split(dimensions, ';') as dimensions from {{ ref('metric_catalogue') }}
),

told as (
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__counted') }}
    union
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__month_end') }}
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
),

-- Rows that move nothing.
of_rows as (
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
),

-- What came by an unknown channel, was of an unknown kind or under an unknown contract, may have been of any.
of_unknown_values as (
    select
        counted.metric_code,
        periods.period_grain,
        periods.period_start,
        counted.dimension,
        known_values.dimension_value,
        sum(if(catalogue.statistic = 'rate', counted.denominator, counted.numerator))::bigint as unjudged_units,
        0::bigint as undated_units
    from (
        select metric_code, month_start, dimension, dimension_value, numerator, denominator, false as stands from {{ ref('int_metrics__counted') }}
        union all by name
        select metric_code, month_start, dimension, dimension_value, numerator, denominator, true as stands from {{ ref('int_metrics__month_end') }}
    ) as counted
    inner join {{ ref('int_metrics__periods_of_months') }} as periods
        on counted.month_start is not distinct from periods.month_start and (periods.is_last or not counted.stands)
    inner join catalogue on counted.metric_code = catalogue.metric_code
    inner join known_values
        on catalogue.mart = known_values.mart and counted.dimension = known_values.dimension and known_values.dimension_value <> 'unknown'
    where counted.dimension_value = 'unknown' and counted.dimension in ('channel', 'collection_type', 'incident_type', 'contract')
    group by all
)

select
    metric_code,
    period_grain,
    period_start,
    dimension,
    dimension_value,
    sum(unjudged_units)::bigint as unjudged_units,
    sum(undated_units)::bigint as undated_units
from (
    select * from of_rows
    union all
    select * from of_unknown_values
)
group by all
having sum(unjudged_units) > 0
