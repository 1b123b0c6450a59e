-- Metrics of a mart whose rows break a property of data, however far back, with the reasons and remedies.
with
metric_marts as (
    select metric_code, unnest(string_split(mart, ';')) as mart
    from {{ ref('metric_catalogue') }}
)

select
    metric_marts.metric_code,
    list_sort(list(distinct
        broken.mart || ': ' || broken.failing_rows || if(broken.failing_rows = 1, ' row breaks ', ' rows break ') || broken.test || '. ' || broken.remedy
    )) as broken_properties
from metric_marts
inner join {{ source('run', 'broken_properties') }} as broken on list_contains(broken.affects, metric_marts.mart)
group by metric_marts.metric_code
