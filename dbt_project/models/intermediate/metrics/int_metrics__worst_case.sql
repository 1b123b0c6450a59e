-- Undetermined units by metric, period and dimension: what value_worst adds as missed. A unit without a certain dimension
-- value counts under every value that the log or a control has; so does a unit whose value the log states as unknown.
with
undetermined as (select * from {{ ref('int_metrics__undetermined') }}),

period_rules as (select * from {{ ref('int_metrics__period_rules') }}),

catalogue as (
    select metric_code, mart, statistic from {{ ref('metric_catalogue') }}
),

dimensions as (select * from {{ ref('int_metrics__dimensions') }}),

metric_values as (
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__measures') }}
    union
    select metric_code, dimension, dimension_value from {{ ref('int_metrics__month_end') }}
    union
    select period_rules.metric_code, undetermined.dimension, undetermined.dimension_value
    from undetermined
    inner join period_rules on undetermined.basis = period_rules.basis
    where undetermined.dimension_value is not null
    union
    select metric_code, dimension, dimension_value from {{ source('pack', 'control_metrics') }}
),

-- Metrics of one mart have the same dimension values.
mart_values as (
    select distinct catalogue.mart, metric_values.dimension, metric_values.dimension_value
    from metric_values
    inner join catalogue on metric_values.metric_code = catalogue.metric_code
),

-- Units with a conflict, a reject or an orphan.
undetermined_units as (
    select
        period_rules.metric_code,
        undetermined.period_grain,
        undetermined.period_start,
        mart_values.dimension,
        mart_values.dimension_value,
        sum(
            case when period_rules.by_weight then undetermined.evidence_weight else undetermined.evidence_units end
            + case when period_rules.by_rule then undetermined.no_rule_units else 0 end
            + coalesce(undetermined.undated_units, 0)
        )::bigint as unjudged_units,
        coalesce(sum(undetermined.undated_units), 0)::bigint as undated_units
    from undetermined
    inner join period_rules on undetermined.basis = period_rules.basis
    inner join catalogue on period_rules.metric_code = catalogue.metric_code
    inner join dimensions on period_rules.metric_code = dimensions.metric_code and undetermined.dimension = dimensions.dimension
    inner join mart_values
        on
            catalogue.mart = mart_values.mart
            and undetermined.dimension = mart_values.dimension
            and (undetermined.dimension_value is null or undetermined.dimension_value = mart_values.dimension_value)
    where period_rules.basis <> 'none' or undetermined.period_grain = 'to_date'
    group by all
),

-- A unit with an unknown channel, type or contract may have any value.
unknown_value_units as (
    select
        counted.metric_code,
        periods.period_grain,
        periods.period_start,
        counted.dimension,
        mart_values.dimension_value,
        sum(if(catalogue.statistic = 'rate', counted.denominator, counted.numerator))::bigint as unjudged_units,
        0::bigint as undated_units
    from (
        select metric_code, month_start, dimension, dimension_value, numerator, denominator, false as stands from {{ ref('int_metrics__measures') }}
        union all by name
        select metric_code, month_start, dimension, dimension_value, numerator, denominator, true as stands from {{ ref('int_metrics__month_end') }}
    ) as counted
    inner join {{ ref('int_metrics__periods_of_months') }} as periods
        on counted.month_start is not distinct from periods.month_start and (periods.is_last or not counted.stands)
    inner join catalogue on counted.metric_code = catalogue.metric_code
    inner join mart_values
        on catalogue.mart = mart_values.mart and counted.dimension = mart_values.dimension and mart_values.dimension_value <> 'unknown'
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
    select * from undetermined_units
    union all
    select * from unknown_value_units
)
group by all
having sum(unjudged_units) > 0
