-- Whether each system that the pack names for a purpose confirmed that it stopped when a person withdrew consent: by a
-- decision of the consent log, or by a request, which covers every identifier of the person. Incremental by subject_key:
-- recomputes changed subjects, those with an elapsed confirmation deadline included.
{%- if not execute %}
-- depends_on: {{ ref('int_subjects__changed') }} {{ ref('int_consents__recomputed') }} {{ ref('stg_consents__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_subjects__changed': ['subject_key']}, 'inserted_rows_of': ['int_consents__decisions']},
) }}

with
instants as (select as_of from {{ source('run', 'run_instants') }}),

decisions as (
    select *
    from {{ ref('int_consents__decisions') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
),

purposes as (select * from {{ ref('int_consents__purposes') }}),

events as (select * from {{ ref('int_consents__recomputed' if is_incremental_build() else 'stg_consents__events') }}),

ended_by_request as (select * from {{ ref('int_consents__ended_by_request') }}),

-- Expected are the systems of the day of the withdrawal; a purpose without systems, or without a row that day, expects none.
expected_confirmations as (
    select
        decisions.* exclude (next_consent_at),
        coalesce(ended_by_request.consented_again_at, decisions.next_consent_at) as next_consent_at,
        coalesce(ended_by_request.identifiers, [decisions.subject_key]) as identifiers,
        purposes.withdrawal_hours,
        {{ hours_after('decisions.occurred_at', 'purposes.withdrawal_hours') }} as confirm_by,
        unnest(purposes.systems) as system,
    from decisions
    inner join purposes
        on
            decisions.purpose_code = purposes.purpose_code
            and decisions.occurred_at >= purposes.in_force_from
            and decisions.occurred_at < purposes.in_force_until
    left join ended_by_request
        on decisions.request_key = ended_by_request.request_key and decisions.purpose_code = ended_by_request.purpose_code
    where decisions.is_withdrawal
),

confirmations as (
    select subject_key, purpose_code, system, occurred_at, namespace, event_id
    from events
    where event_type = 'withdrawal_applied' and {{ has_happened('events') }}
),

-- The first confirmation from the instant of the withdrawal until the person consents again: a later one confirms another
-- withdrawal.
first_confirmations as (
    select
        expected_confirmations.namespace,
        expected_confirmations.event_id,
        expected_confirmations.subject_key,
        expected_confirmations.purpose_code,
        expected_confirmations.system,
        min(struct_pack(
            occurred_at := confirmations.occurred_at,
            namespace := confirmations.namespace,
            event_id := confirmations.event_id
        )) as confirmation,
    from (select *, unnest(identifiers) as confirmed_under from expected_confirmations) as expected_confirmations
    inner join confirmations
        on
            expected_confirmations.confirmed_under = confirmations.subject_key
            and expected_confirmations.purpose_code = confirmations.purpose_code
            and expected_confirmations.system = confirmations.system
            and confirmations.occurred_at >= expected_confirmations.occurred_at
            and confirmations.occurred_at < coalesce(expected_confirmations.next_consent_at, timestamptz 'infinity')
    group by all
),

measured_confirmations as (
    select
        expected_confirmations.*,
        instants.as_of,
        first_confirmations.confirmation.occurred_at as applied_at,
        first_confirmations.confirmation.namespace as applied_namespace,
        first_confirmations.confirmation.event_id as applied_event_id,
        (epoch_us(first_confirmations.confirmation.occurred_at) - epoch_us(expected_confirmations.occurred_at)) / 3600000000 as hours,
    from expected_confirmations
    cross join instants
    left join first_confirmations
        on
            expected_confirmations.namespace = first_confirmations.namespace
            and expected_confirmations.event_id = first_confirmations.event_id
            and expected_confirmations.subject_key = first_confirmations.subject_key
            and expected_confirmations.purpose_code = first_confirmations.purpose_code
            and expected_confirmations.system = first_confirmations.system
),

-- A group and a join: cheaper than a window per withdrawal.
whole_withdrawals as (
    select
        namespace,
        event_id,
        subject_key,
        purpose_code,
        bool_and(applied_at is not null) as complete,
        max(hours) as slowest_hours,
    from measured_confirmations
    group by namespace, event_id, subject_key, purpose_code
)

select
    subject_key,
    purpose_code,
    occurred_at as withdrawn_at,
    event_id,
    system,
    applied_at,
    hours,
    case when applied_at is not null then 'confirmed' when as_of < confirm_by then 'pending' else 'unconfirmed' end as status,
    complete,
    case when complete then slowest_hours end as propagation_hours,
    source,
    namespace,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    withdrawal_hours,
    confirm_by,
    case when applied_at is not null then applied_at <= confirm_by when as_of >= confirm_by then false end as in_time,
    mechanism,
    jurisdiction,
    next_consent_at as consented_again_at,
    applied_namespace,
    applied_event_id,
    request_key,
from measured_confirmations
inner join whole_withdrawals using (namespace, event_id, subject_key, purpose_code)
