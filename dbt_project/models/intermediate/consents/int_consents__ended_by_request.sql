-- Consents that a request to withdraw ended: at its closing where it was granted in time, else at the end of its period
-- without an answer. Where the law sets no period, that is withdrawal_hours after the receipt. Reads only the persons with
-- such a request.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

requests as (select * from {{ ref('int_consents__withdrawal_requests') }}),

purposes as (select * from {{ ref('int_consents__purposes') }}),

identifiers as (
    select persons.subject_key, persons.person_key
    from {{ ref('int_persons__resolved') }} as persons
    semi join requests using (person_key)
    union
    select person_key as subject_key, person_key
    from requests
),

{# The table of the previous build takes a fraction of what landed files do; which of its rows a request led to, this model finds again. -#}
{% set columns = 'subject_key, purpose_code, event_type, occurred_at, namespace, event_id' -%}
{% if not execute or is_incremental_build('int_consents__decisions') -%}
changed_events as materialized (
    {{ changed_events('consents') }}
),

events as (
    select {{ columns }}
    from {{ previous_relation('int_consents__decisions') }}
    semi join identifiers using (subject_key)
    anti join {{ events_with_new_versions('consents') }} as new_versions using (namespace, event_id)
    where request_key is null
    union all
    select {{ columns }}
    from changed_events
    semi join identifiers using (subject_key)
    where {{ has_happened('changed_events') }}
),
{%- else -%}
events as (
    select {{ columns }}
    from {{ ref('stg_consents__events') }} as events
    semi join identifiers using (subject_key)
    where {{ has_happened('events') }}
),
{%- endif %}

decisions as (
    select
        events.*,
        identifiers.person_key,
        events.event_type in ('given', 'renewed') as is_consent,
        {{ place_of_decision('events.event_type') }} as place,
    from events
    inner join identifiers using (subject_key)
    where events.event_type in ('{{ consent_decisions() | join("', '") }}')
),

-- Whatever identifier the person decides under, the next decision ends the state before it.
decisions_in_order as (
    select
        *,
        lead(occurred_at) over of_person as next_decision_at,
        lead(case when is_consent then occurred_at end ignore nulls) over of_person as next_consent_at,
        lead(occurred_at) over (partition by subject_key, purpose_code order by occurred_at, place, event_id, namespace) as next_of_identifier_at,
    from decisions
    window of_person as (partition by person_key, purpose_code order by occurred_at, place, event_id, namespace)
),

consents as (
    select decisions.*, {{ consent_lapses_at('decisions', 'purposes') }} as lapses_at
    from decisions_in_order as decisions
    left join purposes on {{ consented_under('decisions', 'purposes') }}
    where decisions.is_consent
),

withdrawals as (
    select
        requests.*,
        consented.purpose_code,
        case
            when not requests.has_no_deadline then requests.overdue_at
            else {{ unanswered_since(hours_after('requests.received_at', 'coalesce(purposes.withdrawal_hours, 72)'), 'requests.turns', 'requests.closed_at') }}
        end as unanswered_at,
    from requests
    inner join (select distinct person_key, purpose_code from consents) as consented using (person_key)
    left join purposes
        on
            consented.purpose_code = purposes.purpose_code
            and requests.received_at >= purposes.in_force_from
            and requests.received_at < purposes.in_force_until
),

effective_withdrawals as (
    select
        withdrawals.*,
        coalesce(withdrawals.unanswered_at <= instants.as_of, false) as is_unanswered,
        if(is_unanswered, withdrawals.unanswered_at, withdrawals.granted_at) as ended_at,
        if(is_unanswered, withdrawals.received, withdrawals.closing) as landed,
    from withdrawals
    cross join instants
    where
        list_contains(
            if(is_unanswered, withdrawals.purpose_codes, withdrawals.granted_purpose_codes), withdrawals.purpose_code
        ) is not false
),

-- A consent ends once: by the first request that finds it active.
ended_consents as (
    select
        effective_withdrawals.*,
        consents.subject_key,
        consents.next_decision_at as recorded_at,
        consents.next_consent_at as consented_again_at,
    from effective_withdrawals
    inner join consents
        on
            effective_withdrawals.person_key = consents.person_key
            and effective_withdrawals.purpose_code = consents.purpose_code
            and effective_withdrawals.ended_at >= consents.occurred_at
            and effective_withdrawals.ended_at < coalesce(least(consents.next_decision_at, consents.lapses_at), timestamptz 'infinity')
    qualify row_number() over (
        partition by consents.namespace, consents.event_id order by effective_withdrawals.ended_at, effective_withdrawals.request_key
    ) = 1
),

-- Under several identifiers a person may have consented several times: all of that ends.
ended_identifiers as (
    select ended_consents.request_key, ended_consents.purpose_code, list(distinct consents.subject_key order by consents.subject_key) as consented_under
    from ended_consents
    inner join consents
        on
            ended_consents.person_key = consents.person_key
            and ended_consents.purpose_code = consents.purpose_code
            and ended_consents.ended_at >= consents.occurred_at
            and ended_consents.ended_at < coalesce(least(consents.next_of_identifier_at, consents.lapses_at), timestamptz 'infinity')
    group by ended_consents.request_key, ended_consents.purpose_code
),

identifiers_by_person as (
    select person_key, list(subject_key order by subject_key) as identifiers
    from identifiers
    group by person_key
),

ended_with_deadline as (
    select
        ended_consents.*,
        ended_identifiers.consented_under,
        identifiers_by_person.identifiers,
        instants.as_of,
        {{ hours_after('ended_consents.ended_at', 'coalesce(purposes.withdrawal_hours, 72)') }} as record_by,
    from ended_consents
    cross join instants
    inner join ended_identifiers on ended_consents.request_key = ended_identifiers.request_key and ended_consents.purpose_code = ended_identifiers.purpose_code
    inner join identifiers_by_person on ended_consents.person_key = identifiers_by_person.person_key
    left join purposes
        on
            ended_consents.purpose_code = purposes.purpose_code
            and ended_consents.ended_at >= purposes.in_force_from
            and ended_consents.ended_at < purposes.in_force_until
)

select
    request_key,
    purpose_code,
    person_key,
    subject_key,
    consented_under,
    identifiers,
    ended_at,
    is_unanswered,
    consented_again_at,
    record_by,
    recorded_at,
    case when recorded_at <= record_by then true when as_of >= record_by then false end as recorded_in_time,
    jurisdiction,
    namespace,
    landed.event_id as event_id,
    landed.source as source,
    landed.batch_id as batch_id,
    landed.row_number as row_number,
from ended_with_deadline
