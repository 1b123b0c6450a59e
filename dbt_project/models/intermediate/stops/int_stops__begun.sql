-- Every stop: a request that was fulfilled whole or in part, or that was unanswered by its due date, from when it binds until
-- it was lifted or, where it was overdue, until the answer.
with
requests as (
    select *
    from {{ ref('fct_requests') }}
    where
        status <> 'excluded'
        and right_type in ('{{ (rights_that_stop() + rights_against_automated_decisions() + ["opt_out_sale_share"]) | unique | join("', '") }}')
),

persons as (select * from {{ ref('int_persons__resolved') }}),

events as not materialized (select * from {{ ref('int_requests__events') }}),

granted_requests as (select * from requests where outcome in ('fulfilled', 'partially_fulfilled')),

overdue_requests as (
    select requests.*, overdue.overdue_at
    from requests
    inner join {{ ref('int_requests__overdue') }} as overdue on requests.request_key = overdue.request_key
),

candidates as (
    select request_key, namespace, request_id, right_type, received_at, event_id from granted_requests
    union
    select request_key, namespace, request_id, right_type, received_at, event_id from overdue_requests
),

-- An event that names no right concerns every right that the request had received by then.
steps as (
    select
        candidates.request_key,
        events.event_type,
        events.occurred_at,
        events.purpose_codes,
        events.event_id,
        events.right_type is null as names_no_right,
    from candidates
    inner join events on candidates.namespace = events.namespace and candidates.request_id = events.request_id
    where
        events.event_type in ('partially_fulfilled', 'denied', 'reopened', 'stop_lifted')
        and (events.right_type = candidates.right_type or (events.right_type is null and events.occurred_at >= candidates.received_at))
),

-- The purposes that the person named stand on the event from which the request's row comes.
receipts as (
    select candidates.request_key, nullif(list_sort(list_distinct(events.purpose_codes)), []) as purpose_codes
    from candidates
    inner join events on candidates.namespace = events.namespace and candidates.event_id = events.event_id
),

-- Of several answers in part of one instant the one that names the right, then the least, is called the closing one.
closing_answers as (
    select granted_requests.request_key, nullif(list_sort(list_distinct(steps.purpose_codes)), []) as purpose_codes
    from granted_requests
    inner join steps on granted_requests.request_key = steps.request_key and granted_requests.closed_at = steps.occurred_at
    where granted_requests.outcome = 'partially_fulfilled' and steps.event_type = 'partially_fulfilled'
    qualify row_number() over (partition by granted_requests.request_key order by steps.names_no_right, steps.event_id) = 1
),

-- What was reopened when it was overdue waits for an answer again. An answer of that very instant comes before it.
waits as (
    select request_key, overdue_at as begins_at, overdue_at as answerable_from
    from overdue_requests
    union all
    select overdue_requests.request_key, steps.occurred_at as begins_at, make_timestamptz(epoch_us(steps.occurred_at) + 1) as answerable_from
    from overdue_requests
    inner join steps on overdue_requests.request_key = steps.request_key and overdue_requests.overdue_at <= steps.occurred_at
    where steps.event_type = 'reopened'
),

waiting_periods as (
    select request_key, begins_at, max(answerable_from) as answerable_from
    from waits
    group by request_key, begins_at
),

-- A denial ends it at its instant; an answer in part binds what occurs after it, and the whole is bound until then.
unanswered_periods as (
    select
        waiting_periods.request_key,
        waiting_periods.begins_at,
        min(case
            when steps.event_type = 'denied' then steps.occurred_at
            else make_timestamptz(epoch_us(steps.occurred_at) + 1)
        end) as answered_at,
    from waiting_periods
    left join steps
        on
            waiting_periods.request_key = steps.request_key
            and waiting_periods.answerable_from <= steps.occurred_at
            and steps.event_type in ('denied', 'partially_fulfilled')
    group by waiting_periods.request_key, waiting_periods.begins_at
),

stops as (
    select
        granted_requests.*,
        granted_requests.closed_at as begins_at,
        granted_requests.closed_at as stopped_at,
        cast(null as timestamptz) as answered_at,
        if(granted_requests.outcome = 'fulfilled', receipts.purpose_codes, closing_answers.purpose_codes) as purpose_codes,
        granted_requests.outcome = 'fulfilled' or closing_answers.purpose_codes is not null as is_scope_known,
    from granted_requests
    left join receipts on granted_requests.request_key = receipts.request_key
    left join closing_answers on granted_requests.request_key = closing_answers.request_key
    union all by name
    select
        overdue_requests.* exclude (overdue_at),
        unanswered_periods.begins_at,
        make_timestamptz(epoch_us(unanswered_periods.begins_at) - 1) as stopped_at,
        unanswered_periods.answered_at,
        receipts.purpose_codes,
        true as is_scope_known,
    from overdue_requests
    inner join unanswered_periods on overdue_requests.request_key = unanswered_periods.request_key
    left join receipts on overdue_requests.request_key = receipts.request_key
),

-- Of events of one instant the list of event types puts `stop_lifted` last: it lifts what began just then.
lifted_stops as (
    select stops.request_key, stops.stopped_at, min(steps.occurred_at) as lifted_at
    from stops
    inner join steps on stops.request_key = steps.request_key and stops.begins_at <= steps.occurred_at
    where steps.event_type = 'stop_lifted'
    group by stops.request_key, stops.stopped_at
)

select
    stops.request_key,
    stops.namespace,
    stops.request_id,
    stops.right_type,
    {{ person_key_of('stops.subject_key', 'persons') }} as person_key,
    stops.stopped_at,
    least(lifted_stops.lifted_at, stops.answered_at) as lifted_at,
    stops.purpose_codes,
    stops.is_scope_known,
from stops
left join lifted_stops on stops.request_key = lifted_stops.request_key and stops.stopped_at = lifted_stops.stopped_at
left join persons on stops.subject_key = persons.subject_key
