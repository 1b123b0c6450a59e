-- Collections, counted by kind.
{{ config(meta={'maintained': {'over': ['fct_collections'], 'sums': ['units']}}) }}
{% set dimensions = ['collection_type', 'feature', 'source'] %}
{% set kinds = ['occurred_month', 'ok_notice', 'is_exempt'] %}
with
collections as (
    select
        *,
        date_trunc('month', occurred_date)::date as occurred_month,
        notice_exemption is not null as is_exempt,
    from {{ ref('fct_collections') }}
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units,
from collections
group by {{ dimension_sets(kinds, dimensions) }}
