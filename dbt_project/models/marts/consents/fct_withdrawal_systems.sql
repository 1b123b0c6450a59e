-- Whether each system that the pack names for a purpose confirmed that it had stopped when a person withdrew consent: by a
-- decision of the consent log, or by a request, which is about the person under every identifier.
-- Kept from build to build; whoever is touched is looked at anew, and so is who waited for a system whose hours are over.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_changed('int_subjects__changed', ['subject_key']) }}",
) }}

with
instants as (select as_of from {{ source('run', 'run_instants') }}),

decisions as (
    select *
    from {{ ref('int_consents__decisions') }}
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
),

purposes as (select * from {{ ref('int_consents__purposes') }}),

events as (select * from {{ ref('stg_consents__events') }}),

ended_by_request as (select * from {{ ref('int_consents__ended_by_request') }}),

-- Expected are the systems of the day of the withdrawal; a purpose without systems, or without a row that day, expects none.
expected as (
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
    {{ only_changed('int_subjects__changed', ['subject_key']) }}
    where event_type = 'withdrawal_applied' and {{ has_happened('events') }}
),

-- The first confirmation from the instant of the withdrawal on. From the instant at which the person consents again, nothing
-- more can be said about it: a system that stops then stops something else.
confirmed as (
    select
        expected.namespace,
        expected.event_id,
        expected.subject_key,
        expected.purpose_code,
        expected.system,
        min(struct_pack(
            occurred_at := confirmations.occurred_at,
            namespace := confirmations.namespace,
            event_id := confirmations.event_id
        )) as confirmation,
    from (select *, unnest(identifiers) as confirmed_under from expected) as expected
    inner join confirmations
        on
            expected.confirmed_under = confirmations.subject_key
            and expected.purpose_code = confirmations.purpose_code
            and expected.system = confirmations.system
            and confirmations.occurred_at >= expected.occurred_at
            and confirmations.occurred_at < coalesce(expected.next_consent_at, timestamptz 'infinity')
    group by all
),

measured as (
    select
        expected.*,
        instants.as_of,
        confirmed.confirmation.occurred_at as applied_at,
        confirmed.confirmation.namespace as applied_namespace,
        confirmed.confirmation.event_id as applied_event_id,
        (epoch_us(confirmed.confirmation.occurred_at) - epoch_us(expected.occurred_at)) / 3600000000 as hours,
    from expected
    cross join instants
    left join confirmed
        on
            expected.namespace = confirmed.namespace
            and expected.event_id = confirmed.event_id
            and expected.subject_key = confirmed.subject_key
            and expected.purpose_code = confirmed.purpose_code
            and expected.system = confirmed.system
),

gathered as (
    select
        *,
        bool_and(applied_at is not null) over whole_withdrawal as complete,
        max(hours) over whole_withdrawal as slowest_hours,
    from measured
    window whole_withdrawal as (partition by namespace, event_id, subject_key, purpose_code)
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
from gathered
