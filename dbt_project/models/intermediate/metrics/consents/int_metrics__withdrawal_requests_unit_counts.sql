-- Consents that a request withdrew, counted by kind: once per request and purpose, whatever identifiers the person has.
{{ config(meta={'maintained': {'over': ['fct_consents'], 'sums': ['units']}}) }}
{% set dimensions = ['purpose_code', 'source'] %}
{% set kinds = ['withdrawn_month', 'recorded_in_time'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

withdrawals as (
    select
        consents.purpose_code,
        consents.source,
        consents.recorded_in_time,
        date_trunc('month', timezone(instants.time_zone, consents.valid_from))::date as withdrawn_month,
    from {{ ref('fct_consents') }} as consents
    cross join instants
    where consents.request_key is not null and consents.is_withdrawal
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units,
from withdrawals
group by {{ dimension_sets(kinds, dimensions) }}
