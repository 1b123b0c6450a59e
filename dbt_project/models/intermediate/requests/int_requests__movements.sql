-- The movements of each right of a request into the population and out of it. Few were ever reopened, or answered and later
-- excluded: for these the events are read again, for all others the dates of fct_requests suffice.

{% set turning = event_types('requests', 'answer') + event_types('requests', 'departure') + event_types('requests', 'reopening') %}
with
requests as (select * from {{ ref('fct_requests') }}),

events as (select * from {{ ref('int_requests__events') }}),

reopenings as (
    select distinct namespace, request_id
    from events
    where event_type = 'reopened'
),

-- What is held for a customer was never in the population, whatever happened to it later.
classified_requests as (
    select
        requests.*,
        requests.role is distinct from 'processor'
        and (
            reopenings.request_id is not null
            or (requests.closed_date is not null and requests.exclusion_reason is not null)
        ) as needs_events,
    from requests
    left join reopenings on requests.namespace = reopenings.namespace and requests.request_id = reopenings.request_id
),

requests_with_turns as (select * from classified_requests where needs_events),

turns as (
    select
        requests_with_turns.request_key,
        events.event_type,
        {{ moment('events.occurred_at', 'events.event_type', 'events.reason_code') }} as moment,
        cast(timezone(requests_with_turns.time_zone, events.occurred_at) as date) as turned_on,
    from requests_with_turns
    inner join events on requests_with_turns.namespace = events.namespace and requests_with_turns.request_id = events.request_id
    where
        events.event_type in {{ known_codes(turning) }}
        and (events.right_type = requests_with_turns.right_type or (events.right_type is null and events.occurred_at >= requests_with_turns.received_at))
),

-- Open again after a reopening, not open after anything else: only what changes that is a movement.
states as (
    select
        *,
        event_type = 'reopened' as is_open,
        lag(event_type = 'reopened', 1, true) over (partition by request_key order by moment) as was_open,
    from turns
),

event_movements as (
    select
        request_key,
        row_number() over (partition by request_key order by moment) as turn,
        case
            when is_open then 'reopened'
            when event_type in {{ known_codes(event_types('requests', 'departure')) }} then 'excluded'
            else 'answered'
        end as movement,
        turned_on,
        lead(moment) over (partition by request_key order by moment) is not null as is_undone,
    from states
    where is_open <> was_open
),

movements as (
    select request_key, 0 as turn, 'received' as movement, received_date as turned_on, false as is_undone
    from requests
    union all
    select
        request_key,
        1,
        if(exclusion_reason is not null, 'excluded', 'answered'),
        case when role = 'processor' then received_date when exclusion_reason is not null then left_date else closed_date end,
        false
    from classified_requests
    where not needs_events and (exclusion_reason is not null or closed_date is not null)
    union all
    select request_key, turn, movement, turned_on, is_undone
    from event_movements
)

select
    movements.request_key,
    movements.turn::bigint as turn,
    requests.right_type,
    movements.movement,
    -- Nobody leaves before he came: an answer that is dated before the receipt counts on the day of receipt.
    greatest(movements.turned_on, requests.received_date) as moved_on,
    case
        when movements.movement <> 'answered' then null
        when movements.is_undone then 'reopened'
        when requests.exclusion_reason is not null then 'excluded'
        else 'stands'
    end as fate,
from movements
inner join requests on movements.request_key = requests.request_key
