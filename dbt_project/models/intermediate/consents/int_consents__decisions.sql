-- Every decision about consent that had happened by as_of, with what the person decided next.
-- Kept from build to build; whoever is touched is put in order anew.
{{ config(
    materialized='incremental',
    pre_hook=["{{ forget('int_subjects__touched', ['subject_key']) }}", write_as('uncompressed')],
    post_hook=write_as('auto'),
) }}

with
events as (select * from {{ ref('stg_consents__events') }}),

decisions as (
    select
        *,
        event_type in ('given', 'renewed') as is_consent,
        {{ place_of_decision('event_type') }} as place,
    from events
    {{ only_touched('int_subjects__touched', ['subject_key']) }}
    where event_type in ('{{ consent_decisions() | join("', '") }}') and {{ has_happened('events') }}
)

select
    subject_key,
    purpose_code,
    event_type,
    occurred_at,
    is_consent,
    row_number() over in_order = 1 as is_first,
    lead(occurred_at) over in_order as next_decision_at,
    lead(case when is_consent then occurred_at end ignore nulls) over in_order as next_consent_at,
    mechanism,
    jurisdiction,
    policy_version,
    notice_id,
    evidence_ref,
    source,
    namespace,
    event_id,
    batch_id,
    row_number,
from decisions
-- An event_id is unique within a namespace only; the last word makes the order whole, whatever arrived first.
window in_order as (partition by subject_key, purpose_code order by occurred_at, place, event_id, namespace)
