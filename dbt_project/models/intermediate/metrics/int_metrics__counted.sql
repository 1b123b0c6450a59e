-- Everything that is counted, of every log: one row per metric, month, dimension and value, in the dimensions that the
-- catalogue gives the metric.
with
counted as (
    select * from {{ ref('int_metrics__counted_by_month') }}
    union all by name
    select * from {{ ref('int_metrics__remediations_counted') }}
),

catalogue as (select metric_code, string_split(dimensions, ';') as dimensions from {{ ref('metric_catalogue') }})

select counted.*
from counted
inner join catalogue
    on counted.metric_code = catalogue.metric_code and list_contains(catalogue.dimensions, counted.dimension)
