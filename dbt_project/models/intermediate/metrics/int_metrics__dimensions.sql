-- By what each metric is counted: the dimensions of the catalogue, with those of one's own in place of `own`.
with
catalogue as (
    select metric_code, string_split(logs, ';') as logs, unnest(string_split(dimensions, ';')) as dimension
    from {{ ref('metric_catalogue') }}
)

select metric_code, dimension
from catalogue
where dimension <> 'own'
union all
select catalogue.metric_code, own_dimensions.dimension
from catalogue
inner join {{ ref('int_metrics__own_dimensions') }} as own_dimensions on list_contains(catalogue.logs, own_dimensions.log)
where catalogue.dimension = 'own'
