-- Objections and restrictions while they wait for an answer: from the receipt, or from a reopening, until the answer or the
-- instant from which they bind unanswered.
with
-- Those that left the population wait for nothing.
requests as (
    select *
    from {{ ref('int_requests__deadlines') }}
    where {{ is_of_rights(rights_counted_while_pending()) }} and exclusion_reason is null
),

persons as (select * from {{ ref('int_persons__resolved') }}),

-- The purposes that the person named stand on the event from which the request's row comes.
receipts as (
    select requests.request_key, events.purpose_codes
    from requests
    inner join {{ ref('int_requests__events') }} as events
        on requests.namespace = events.namespace and requests.event_id = events.event_id
    where len(events.purpose_codes) > 0
),

-- Null stands for the receipt, before which nothing was reopened.
beginnings as (
    select
        *,
        unnest(list_prepend(
            null, list_filter(coalesce(turns, []), lambda m: {{ moment_event_number('m') }} = {{ event_number('reopened') }})
        )) as reopened,
    from requests
),

beginnings_answered as (
    select
        *,
        greatest(received_at, {{ moment_instant('reopened') }}) as begins_at,
        if(turns is null, closed_at, {{ moment_instant(first_after('turns', event_types('requests', 'answer'), 'reopened')) }}) as answered_at,
    from beginnings
),

-- What was reopened before it was answered goes on waiting for that answer.
waits as (
    select request_key, right_type, subject_key, answered_at, min(begins_at) as pending_since
    from beginnings_answered
    group by request_key, right_type, subject_key, answered_at
),

-- What occurs at the instant of the answer occurs before it, as with what is stopped.
ended_waits as (
    select
        waits.*,
        least(make_timestamptz(epoch_us(waits.answered_at) + 1), overdue.overdue_at) as ended_at,
    from waits
    left join {{ ref('int_requests__overdue') }} as overdue on waits.request_key = overdue.request_key
)

select distinct
    ended_waits.request_key,
    ended_waits.right_type,
    {{ person_key_of('ended_waits.subject_key', 'persons') }} as person_key,
    unnest(coalesce(receipts.purpose_codes, [null])) as purpose_code,
    ended_waits.pending_since,
    ended_waits.ended_at,
from ended_waits
left join receipts on ended_waits.request_key = receipts.request_key
left join persons on ended_waits.subject_key = persons.subject_key
where coalesce(epoch_us(ended_waits.ended_at) > epoch_us(ended_waits.pending_since) + 1, true)
