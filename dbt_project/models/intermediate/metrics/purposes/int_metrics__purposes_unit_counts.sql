-- Rows of every log that names a purpose, counted by kind: a record set by the day on which it was created.
{{ config(meta={'maintained': {
    'over': ['fct_collections', 'fct_processing', 'fct_disclosures', 'fct_records'],
    'sums': ['units'],
}}) }}
{% set dimensions = ['purpose_code', 'system', 'source'] %}
{% set kinds = ['named_month', 'is_limited', 'is_declared'] %}
{% set marts = {
    'fct_collections': {'is_declared': 'ok_purpose', 'is_limited': 'true', 'system': 'null'},
    'fct_processing': {'is_declared': 'ok_purpose', 'is_limited': 'true', 'system': 'system'},
    'fct_disclosures': {'is_declared': 'purpose_declared', 'is_limited': 'false', 'system': 'null'},
    'fct_records': {'is_declared': 'purpose_declared', 'is_limited': 'false', 'system': 'system', 'day': 'created_date'},
} %}
with
-- Counted before anything else: a few thousand kinds stand for millions of rows.
named_purposes as (
    {%- for mart, columns in marts.items() %}
    select
        date_trunc('month', {{ columns.day or 'occurred_date' }})::date as named_month,
        {{ columns.is_limited }} as is_limited,
        {{ columns.is_declared }} as is_declared,
        purpose_code,
        {{ columns.system }} as system,
        source,
        count(*) as units,
    from {{ ref(mart) }}
    group by all
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
from named_purposes
group by {{ dimension_sets(kinds, dimensions) }}
