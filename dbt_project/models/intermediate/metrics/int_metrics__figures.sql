-- One row per metric, period, dimension and value with every column that fct_metrics, the controls and the tests read.
with
measures as (
    select *, false as stands from {{ ref('int_metrics__measures') }}
    union all by name
    select *, true as stands from {{ ref('int_metrics__month_end') }}
),

statistics as (select * from {{ ref('int_metrics__statistics') }}),

worst_case as (select * from {{ ref('int_metrics__worst_case') }}),

periods as (select * from {{ ref('int_metrics__periods') }}),

catalogue as (select * from {{ ref('metric_catalogue') }}),

landed_logs as (select distinct log from {{ source('landing', 'batches') }}),

-- Everything to date holds every row; a metric by `to_date` has no other period.
period_sums as (
    select
        measures.metric_code,
        periods.period_grain,
        periods.period_start,
        measures.dimension,
        measures.dimension_value,
        sum(measures.units)::bigint as units,
        sum(measures.numerator)::bigint as numerator,
        sum(measures.denominator)::bigint as denominator,
        sum(measures.determined_numerator)::bigint as determined_numerator,
        sum(measures.determined_denominator)::bigint as determined_denominator,
        sum(measures.pending)::bigint as pending_units,
        sum(measures.low_numerator)::bigint as low_numerator,
        sum(measures.low_denominator)::bigint as low_denominator,
        sum(measures.unweighed_units)::bigint as unweighed_units,
        min(measures.confidence_rank) as confidence_rank
    from measures
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on measures.month_start is not distinct from periods.month_start
    where not measures.stands or periods.is_last
    group by all
),

-- A period without events has a row where the log has landed.
empty_periods as (
    select distinct
        catalogue.metric_code,
        periods.period_grain,
        periods.period_start,
        'all' as dimension,
        'all' as dimension_value
    from catalogue
    inner join landed_logs on list_contains(string_split(catalogue.logs, ';'), landed_logs.log)
    inner join periods on catalogue.period_by <> 'to_date' or periods.period_grain = 'to_date'
),

keys as (
    select metric_code, period_grain, period_start, dimension, dimension_value from period_sums
    union
    select metric_code, period_grain, period_start, dimension, dimension_value from statistics
    union
    select metric_code, period_grain, period_start, dimension, dimension_value from worst_case
    union
    select * from empty_periods
),

joined_figures as (
    select
        keys.*,
        periods.period_end,
        catalogue.unit,
        catalogue.statistic,
        catalogue.worst,
        catalogue.by_rule,
        catalogue.logs,
        coalesce(statistics.units, period_sums.units, 0) as units,
        case
            when catalogue.statistic in ('rate', 'count', 'sum') then coalesce(period_sums.numerator, 0)
            else statistics.numerator
        end as numerator,
        case when catalogue.statistic = 'rate' then coalesce(period_sums.denominator, 0) else statistics.denominator end as denominator,
        coalesce(period_sums.determined_numerator, period_sums.numerator, 0) as determined_numerator,
        coalesce(period_sums.determined_denominator, period_sums.denominator, 0) as determined_denominator,
        coalesce(period_sums.pending_units, 0) as pending_units,
        coalesce(period_sums.low_numerator, 0) as low_numerator,
        coalesce(period_sums.low_denominator, 0) as low_denominator,
        coalesce(period_sums.unweighed_units, 0) as unweighed_units,
        period_sums.confidence_rank,
        coalesce(worst_case.unjudged_units, 0) as unjudged_units,
        coalesce(worst_case.undated_units, 0) as undated_units,
        statistics.value as statistic_value,
        statistics.worst_value as worst_statistic_value
    from keys
    inner join catalogue on keys.metric_code = catalogue.metric_code
    inner join periods
        on keys.period_grain = periods.period_grain and keys.period_start is not distinct from periods.period_start
    {%- for relation in ['period_sums', 'statistics', 'worst_case'] %}
    left join {{ relation }}
        on
            keys.metric_code = {{ relation }}.metric_code
            and keys.period_grain = {{ relation }}.period_grain
            and keys.period_start is not distinct from {{ relation }}.period_start
            and keys.dimension = {{ relation }}.dimension
            and keys.dimension_value = {{ relation }}.dimension_value
    {%- endfor %}
),

-- Every undetermined unit counts as missed: outside the numerator where more is better, in it where more is worse.
worst_figures as (
    select
        *,
        case
            when statistic not in ('rate', 'count', 'sum') then null
            when worst = 'none' then numerator
            when worst = 'higher' then determined_numerator + unjudged_units
            else determined_numerator
        end as worst_numerator,
        case
            when statistic <> 'rate' then null
            when worst = 'none' then denominator
            else determined_denominator + unjudged_units
        end as worst_denominator
    from joined_figures
)

select
    *,
    case statistic
        when 'rate' then numerator / nullif(denominator, 0)
        when 'count' then numerator
        when 'sum' then numerator
        else statistic_value
    end::double as value,
    case statistic
        when 'rate' then worst_numerator / nullif(worst_denominator, 0)
        when 'count' then worst_numerator
        when 'sum' then worst_numerator
        else worst_statistic_value
    end::double as value_worst,
    case confidence_rank when 1 then 'low' when 2 then 'medium' when 3 then 'high' end as rule_confidence
from worst_figures
