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
    description
from {{ ref('metric_catalogue') }}
