-- First decisions and first questions, counted by kind.
{{ config(meta={'maintained': {'over': ['int_metrics__consents_first_contacts'], 'sums': ['units']}}) }}
{% set dimensions = ['purpose_code', 'source'] %}
{% set kinds = ['decided_month', 'shown_month', 'met_month', 'is_given', 'is_refused'] %}
with
-- Counted before anything else: a few thousand kinds stand for millions of rows.
first_contacts as (
    select
        {{ (kinds + dimensions) | join(',\n        ') }},
        count(*) as units,
    from {{ ref('int_metrics__consents_first_contacts') }}
    group by all
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
from first_contacts
group by {{ dimension_sets(kinds, dimensions) }}
