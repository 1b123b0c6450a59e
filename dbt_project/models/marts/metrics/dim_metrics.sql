-- What each metric is: its name, its unit, what places it, which way it gets worse.
with
own_dimensions as (select log, list(dimension order by dimension) as dimensions from {{ ref('int_metrics__own_dimensions') }} group by log)

select
    metric_code,
    name,
    string_split(logs, ';') as logs,
    mart,
    unit,
    statistic,
    period_by,
    state as is_state,
    worst,
    by_rule,
    nullif(strict_metric, '') as strict_metric,
    case when registers <> '' then string_split(registers, ';') else [] end as registers,
    list_concat(
        list_filter(string_split(catalogue.dimensions, ';'), lambda one: one <> 'own'),
        coalesce(own_dimensions.dimensions, [])
    ) as dimensions,
    description,
    nullif(counted, '') as counted,
    nullif(out_of, '') as out_of,
    nullif(definition, '') as definition,
    nullif(numerator_sql, '') as numerator_sql,
    nullif(denominator_sql, '') as denominator_sql
from {{ ref('metric_catalogue') }} as catalogue
left join own_dimensions
    on list_contains(string_split(catalogue.dimensions, ';'), 'own') and list_contains(string_split(catalogue.logs, ';'), own_dimensions.log)
