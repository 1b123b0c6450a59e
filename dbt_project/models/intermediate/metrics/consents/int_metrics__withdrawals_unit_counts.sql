-- Systems that have to stop after a withdrawal, counted by kind. A withdrawal for which the pack names no system is
-- never confirmed.
{{ config(meta={'maintained': {'over': ['fct_consents', 'fct_withdrawal_systems'], 'sums': ['units']}}) }}
{% set dimensions = ['purpose_code', 'source', 'system'] %}
{% set kinds = ['withdrawn_month', 'in_time', 'has_system'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

systems as (select * from {{ ref('fct_withdrawal_systems') }}),

withdrawals as (
    select consents.namespace, consents.event_id, consents.purpose_code, consents.source, consents.valid_from as withdrawn_at
    from {{ ref('fct_consents') }} as consents
    anti join systems using (namespace, event_id, subject_key, purpose_code)
    where consents.is_withdrawal
),

expected_confirmations as (
    select purpose_code, source, system, withdrawn_at, in_time, true as has_system
    from systems
    union all
    select purpose_code, source, null, withdrawn_at, null, false
    from withdrawals
),

confirmations_by_month as (
    select expected_confirmations.*, date_trunc('month', timezone(instants.time_zone, expected_confirmations.withdrawn_at))::date as withdrawn_month
    from expected_confirmations
    cross join instants
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    count(*) as units,
from confirmations_by_month
group by {{ dimension_sets(kinds, dimensions) }}
