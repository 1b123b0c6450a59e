-- What each metric is: its name, its unit, what places it, which way it gets worse.
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
    string_split(dimensions, ';') as dimensions,
    description,
    nullif(counted, '') as counted,
    nullif(out_of, '') as out_of,
    nullif(definition, '') as definition,
    nullif(numerator_sql, '') as numerator_sql,
    nullif(denominator_sql, '') as denominator_sql
from {{ ref('metric_catalogue') }}
