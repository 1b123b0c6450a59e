-- The measures of every log: one row per metric, month, dimension and value, in the dimensions that the
-- catalogue gives the metric.
with
measures as (
    select * from {{ ref('int_metrics__measures_by_month') }}
    union all by name
    select * from {{ ref('int_metrics__remediations_measures') }}
),

dimensions as (select * from {{ ref('int_metrics__dimensions') }})

select measures.*
from measures
semi join dimensions on measures.metric_code = dimensions.metric_code and measures.dimension = dimensions.dimension
