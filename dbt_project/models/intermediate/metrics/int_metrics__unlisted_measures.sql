-- Collections and acts of processing with a category of data that the pack did not list that day, by month, source and
-- category. One that names several counts once in all and once under each.
with
category_sets as (select * from {{ ref('int_metrics__unlisted_unit_counts') }}),

by_source as (
    select
        month_start,
        {{ dimension_columns(['source']) }},
        sum(units)::bigint as units,
        coalesce(sum(units) filter (len(unlisted_categories) > 0), 0)::bigint as numerator,
    from category_sets
    group by {{ dimension_sets(['month_start'], ['source']) }}
),

by_category as (
    select
        month_start,
        'data_category' as dimension,
        data_category as dimension_value,
        sum(units)::bigint as units,
    from (select month_start, unnest(unlisted_categories) as data_category, units from category_sets)
    group by all
)

select 'unlisted_category_count' as metric_code, month_start, dimension, dimension_value, units, numerator
from by_source
union all
select 'unlisted_category_count', month_start, dimension, dimension_value, units, units
from by_category
