-- Every decision about consent that had happened by as_of, with what the person decided next; a request that ended a consent is
-- one, too. Incremental by subject_key: puts the decisions of changed subjects in order.
{%- if not execute %}
-- depends_on: {{ ref('int_subjects__changed') }} {{ ref('int_consents__recomputed') }} {{ ref('stg_consents__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_subjects__changed': ['subject_key']}, 'compression': 'uncompressed'},
) }}
{% set columns = [
    'subject_key', 'purpose_code', 'event_type', 'occurred_at', 'mechanism', 'jurisdiction', 'policy_version', 'notice_id',
    'evidence_ref', 'source', 'namespace', 'event_id', 'batch_id', 'row_number',
] %}

with
events as (select * from {{ ref('int_consents__recomputed' if is_incremental_build() else 'stg_consents__events') }}),

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
recorded_identifiers as (
    select request_key, purpose_code, ended_at, consented_again_at, unnest(identifiers) as subject_key
    from ended_by_request
),

decisions as (
    select {{ columns | join(', ') }}
    from events
    where event_type in ('{{ consent_decisions() | join("', '") }}') and {{ has_happened('events') }}
    union all by name
    select *
    from withdrawn_by_request
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
),

ranked_decisions as (
    select
        *,
        event_type in ('given', 'renewed') as is_consent,
        request_key is not null as is_request,
        {{ place_of_decision('event_type') }} as place,
    from decisions
),

-- An event_id is unique within a namespace only; the last word makes the order whole, whatever arrived first.
decisions_in_order as (
    select
        *,
        row_number() over in_order = 1 as is_first,
        lead(occurred_at) over in_order as next_decision_at,
        coalesce(lead(is_request) over in_order, false) as next_is_request,
        lead(case when is_consent then occurred_at end ignore nulls) over in_order as next_consent_at,
        lag(case when is_consent then occurred_at end) over in_order as consented_at,
    from ranked_decisions
    window in_order as (partition by subject_key, purpose_code order by occurred_at, place, event_id, namespace, request_key)
)

select
    decisions_in_order.subject_key,
    decisions_in_order.purpose_code,
    decisions_in_order.event_type,
    decisions_in_order.occurred_at,
    decisions_in_order.is_consent,
    decisions_in_order.is_first,
    decisions_in_order.next_decision_at,
    decisions_in_order.next_is_request,
    decisions_in_order.next_consent_at,
    -- A refusal ends the consent that stood just before it, unless that had lapsed.
    case
        when decisions_in_order.request_key is not null then decisions_in_order.subject_key = decisions_in_order.governing_key
        when recorded_identifiers.request_key is not null then false
        when decisions_in_order.event_type = 'refused'
            then decisions_in_order.consented_at is not null
                and decisions_in_order.occurred_at <= coalesce({{ hours_after('decisions_in_order.consented_at', 'purposes.consent_valid_days * 24') }}, timestamptz 'infinity')
        else decisions_in_order.event_type = 'withdrawn'
    end as is_withdrawal,
    decisions_in_order.mechanism,
    decisions_in_order.jurisdiction,
    decisions_in_order.policy_version,
    decisions_in_order.notice_id,
    decisions_in_order.evidence_ref,
    decisions_in_order.source,
    decisions_in_order.namespace,
    decisions_in_order.event_id,
    decisions_in_order.batch_id,
    decisions_in_order.row_number,
    decisions_in_order.request_key,
from decisions_in_order
left join recorded_identifiers
    on
        decisions_in_order.event_type in ('withdrawn', 'refused')
        and decisions_in_order.subject_key = recorded_identifiers.subject_key
        and decisions_in_order.purpose_code = recorded_identifiers.purpose_code
        and decisions_in_order.occurred_at > recorded_identifiers.ended_at
        and decisions_in_order.occurred_at < coalesce(recorded_identifiers.consented_again_at, timestamptz 'infinity')
left join purposes
    on
        decisions_in_order.event_type = 'refused'
        and decisions_in_order.purpose_code = purposes.purpose_code
        and decisions_in_order.consented_at >= purposes.in_force_from
        and decisions_in_order.consented_at < purposes.in_force_until
