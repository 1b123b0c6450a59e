-- Every decision about consent that had happened by as_of, with what the person decided next; a request that ended a consent is
-- one, too. Incremental by subject_key: puts the decisions of changed subjects in order.
{{ config(
    materialized='incremental',
    pre_hook=["{{ delete_changed('int_subjects__changed', ['subject_key']) }}", force_compression('uncompressed')],
    post_hook=force_compression('auto'),
) }}
{% set columns = [
    'subject_key', 'purpose_code', 'event_type', 'occurred_at', 'mechanism', 'jurisdiction', 'policy_version', 'notice_id',
    'evidence_ref', 'source', 'namespace', 'event_id', 'batch_id', 'row_number',
] %}

with
events as (select * from {{ ref('stg_consents__events') }}),

purposes as (select * from {{ ref('int_consents__purposes') }}),

ended_by_request as (select * from {{ ref('int_consents__ended_by_request') }}),

withdrawn_by_request as (
    select
        unnest(ended.consented_under) as subject_key,
        ended.subject_key as governing_key,
        ended.purpose_code,
        'withdrawn' as event_type,
        ended.ended_at as occurred_at,
        ended.jurisdiction,
        ended.source,
        ended.namespace,
        ended.event_id,
        ended.batch_id,
        ended.row_number,
        ended.request_key,
    from ended_by_request as ended
),

-- What the log decides under whatever identifier of the person until the next consent records that withdrawal.
recorded_under as (
    select request_key, purpose_code, ended_at, consented_again_at, unnest(identifiers) as subject_key
    from ended_by_request
),

decisions as (
    select {{ columns | join(', ') }}
    from events
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where event_type in ('{{ consent_decisions() | join("', '") }}') and {{ has_happened('events') }}
    union all by name
    select *
    from withdrawn_by_request
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
),

placed as (
    select
        *,
        event_type in ('given', 'renewed') as is_consent,
        request_key is not null as is_request,
        {{ place_of_decision('event_type') }} as place,
    from decisions
),

-- An event_id is unique within a namespace only; the last word makes the order whole, whatever arrived first.
ordered as (
    select
        *,
        row_number() over in_order = 1 as is_first,
        lead(occurred_at) over in_order as next_decision_at,
        coalesce(lead(is_request) over in_order, false) as next_is_request,
        lead(case when is_consent then occurred_at end ignore nulls) over in_order as next_consent_at,
        lag(case when is_consent then occurred_at end) over in_order as consented_at,
    from placed
    window in_order as (partition by subject_key, purpose_code order by occurred_at, place, event_id, namespace, request_key)
)

select
    ordered.subject_key,
    ordered.purpose_code,
    ordered.event_type,
    ordered.occurred_at,
    ordered.is_consent,
    ordered.is_first,
    ordered.next_decision_at,
    ordered.next_is_request,
    ordered.next_consent_at,
    -- A refusal ends the consent that stood just before it, unless that had lapsed.
    case
        when ordered.request_key is not null then ordered.subject_key = ordered.governing_key
        when recorded_under.request_key is not null then false
        when ordered.event_type = 'refused'
            then ordered.consented_at is not null
                and ordered.occurred_at <= coalesce({{ hours_after('ordered.consented_at', 'purposes.consent_valid_days * 24') }}, timestamptz 'infinity')
        else ordered.event_type = 'withdrawn'
    end as is_withdrawal,
    ordered.mechanism,
    ordered.jurisdiction,
    ordered.policy_version,
    ordered.notice_id,
    ordered.evidence_ref,
    ordered.source,
    ordered.namespace,
    ordered.event_id,
    ordered.batch_id,
    ordered.row_number,
    ordered.request_key,
from ordered
left join recorded_under
    on
        ordered.event_type in ('withdrawn', 'refused')
        and ordered.subject_key = recorded_under.subject_key
        and ordered.purpose_code = recorded_under.purpose_code
        and ordered.occurred_at > recorded_under.ended_at
        and ordered.occurred_at < coalesce(recorded_under.consented_again_at, timestamptz 'infinity')
left join purposes
    on
        ordered.event_type = 'refused'
        and ordered.purpose_code = purposes.purpose_code
        and ordered.consented_at >= purposes.in_force_from
        and ordered.consented_at < purposes.in_force_until
