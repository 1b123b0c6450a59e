-- What the logs state of the use of data for each purpose, counted: a few rows, however long the logs.
{% set stated = {
    'processing': ('fct_processing', ['system', 'legal_basis', 'data_categories']),
    'disclosures': ('fct_disclosures', ['recipient_id', 'destination_country', 'transfer_mechanism', 'data_categories']),
    'retention': ('fct_records', ['system', 'data_category']),
    'collections': ('fct_collections', ['data_categories']),
} %}
{{ config(meta={'maintained': {'over': ['fct_processing', 'fct_disclosures', 'fct_records', 'fct_collections'], 'sums': ['units']}}) }}
{%- for log, (mart, columns) in stated.items() %}
select '{{ log }}' as log, purpose_code, {{ columns | join(', ') }}, count(*) as units
from {{ ref(mart) }}
group by all
{{ 'union all by name' if not loop.last }}
{%- endfor %}
