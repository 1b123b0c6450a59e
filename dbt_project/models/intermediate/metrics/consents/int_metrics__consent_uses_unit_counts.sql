-- What was done or shared on a consent that was active then, counted by kind.
{{ config(meta={'maintained': {'over': ['fct_processing', 'fct_disclosures'], 'sums': ['units']}}) }}
{% set dimensions = ['purpose_code', 'source'] %}
{% set kinds = ['occurred_month', 'consent_provable', 'consent_version_in_force'] %}
with
-- Counted before anything else: a few thousand kinds stand for millions of rows.
uses as (
    {%- for mart in ['fct_processing', 'fct_disclosures'] %}
    select
        date_trunc('month', occurred_date)::date as occurred_month,
        {{ (kinds[1:] + dimensions) | join(',\n        ') }},
        count(*) as units,
    from {{ ref(mart) }}
    where ok_consent
    group by all
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
from uses
group by {{ dimension_sets(kinds, dimensions) }}
