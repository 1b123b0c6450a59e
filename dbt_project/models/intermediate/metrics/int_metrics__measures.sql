-- The measures of every log: one row per metric, month, dimension and value, in the dimensions that the
-- catalogue gives the metric.
with
measures as (
    select * from {{ ref('int_metrics__measures_by_month') }}
    union all by name
    select * from {{ ref('int_metrics__remediations_measures') }}
),

catalogue as (select metric_code, string_split(dimensions, ';') as dimensions from {{ ref('metric_catalogue') }})

select measures.*
from measures
inner join catalogue
    on measures.metric_code = catalogue.metric_code and list_contains(catalogue.dimensions, measures.dimension)
