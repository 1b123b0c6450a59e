-- Collections and acts of processing, counted by the categories of data that the pack did not list that day.
{{ config(meta={'maintained': {'over': ['fct_collections', 'fct_processing'], 'sums': ['units']}}) }}
{% set marts = ['fct_collections', 'fct_processing'] %}
with
acts as (
    {%- for mart in marts %}
    select occurred_date, source, unlisted_categories
    from {{ ref(mart) }}
    where ok_categories is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    date_trunc('month', occurred_date)::date as month_start,
    source,
    unlisted_categories,
    count(*) as units,
from acts
group by all
