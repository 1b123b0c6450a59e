-- The intervals in which each person's consent to a purpose was active, across the person's identifiers: the latest decision
-- under any of them governs. Incremental by person_key, which is one of the person's subject_keys: recomputes changed persons
-- under every key that they had.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={
        'changed_keys': {'int_subjects__changed': {'subject_key': 'person_key'}},
        'inserted_rows_of': ['fct_consents'],
        'compression': 'uncompressed',
    },
) }}

with
intervals as (
    select *
    from {{ ref('fct_consents') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where not lapsed
),

persons as (
    select *
    from {{ ref('int_persons__resolved') }}
    where identifiers > 1
),

-- Few persons have several identifiers; what they decided is put in one order. A consent that lapses, lapses as it did.
merged_intervals as (
    select
        persons.person_key,
        intervals.purpose_code,
        intervals.state,
        intervals.valid_from,
        least(intervals.valid_to, lead(intervals.valid_from) over (
            partition by persons.person_key, intervals.purpose_code
            order by intervals.valid_from, {{ place_of_decision('intervals.event_type') }}, intervals.event_id, intervals.namespace
        )) as valid_to,
        intervals.namespace,
        intervals.event_id,
        intervals.provable,
        intervals.version_in_force,
    from intervals
    inner join persons on intervals.subject_key = persons.subject_key
),

person_intervals as (
    select person_key, purpose_code, state, valid_from, valid_to, namespace, event_id, provable, version_in_force
    from merged_intervals
    union all
    select subject_key as person_key, purpose_code, state, valid_from, valid_to, namespace, event_id, provable, version_in_force
    from intervals
    anti join persons using (subject_key)
)

select person_key, purpose_code, valid_from, valid_to, namespace, event_id, provable, version_in_force
from person_intervals
where state = 'active' and valid_from < coalesce(valid_to, timestamptz 'infinity')
