-- Requests to withdraw consent that did not leave the population: when they were granted or overdue, for which purposes, and
-- the events behind that.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

overdue as (select * from {{ ref('int_requests__overdue') }}),

requests as (
    select *
    from {{ ref('int_requests__deadlines') }}
    where right_type = 'consent_withdrawal' and exclusion_reason is null and subject_key is not null
),

events as (
    select events.*
    from {{ ref('int_requests__events') }} as events
    semi join requests using (namespace, request_id)
    where events.event_type in ('received', 'fulfilled', 'partially_fulfilled')
),

-- The event that closed it; several of one instant and kind are one answer.
closings as (
    select requests.request_key, events.event_id, events.source, events.batch_id, events.row_number, events.purpose_codes
    from requests
    inner join events
        on
            requests.namespace = events.namespace
            and requests.request_id = events.request_id
            and requests.outcome = events.event_type
            and requests.closed_at = events.occurred_at
            and coalesce(events.right_type, requests.right_type) = requests.right_type
    qualify row_number() over (partition by requests.request_key order by events.event_id) = 1
)

select
    requests.request_key,
    requests.namespace,
    requests.jurisdiction,
    {{ person_key_of('requests.subject_key', 'persons') }} as person_key,
    requests.received_at,
    requests.has_no_deadline,
    requests.turns,
    requests.closed_at,
    overdue.overdue_at,
    nullif(received.purpose_codes, []) as purpose_codes,
    case when closings.request_key is not null then requests.closed_at end as granted_at,
    coalesce(
        case when requests.outcome = 'partially_fulfilled' then nullif(closings.purpose_codes, []) end, nullif(received.purpose_codes, [])
    ) as granted_purpose_codes,
    struct_pack(
        event_id := requests.event_id, source := requests.source, batch_id := requests.batch_id, row_number := requests.row_number
    ) as received,
    struct_pack(
        event_id := closings.event_id, source := closings.source, batch_id := closings.batch_id, row_number := closings.row_number
    ) as closing,
from requests
inner join events as received on requests.namespace = received.namespace and requests.event_id = received.event_id
left join closings on requests.request_key = closings.request_key
left join overdue on requests.request_key = overdue.request_key
left join persons on requests.subject_key = persons.subject_key
