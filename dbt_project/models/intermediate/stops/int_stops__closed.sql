-- Every request that was carried out whole and by which a person stops what follows, until it was lifted.
with
requests as (select * from {{ ref('fct_requests') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

events as (select * from {{ ref('stg_requests__events') }}),

stops as (
    select *
    from requests
    where
        outcome = 'fulfilled'
        and status <> 'excluded'
        and right_type in ('{{ (rights_that_stop() + rights_against_automated_decisions() + ["opt_out_sale_share"]) | unique | join("', '") }}')
),

-- The purposes that the person named stand on the event from which the request's row comes.
received as (
    select events.namespace, events.event_id, events.purpose_codes
    from events
    semi join stops using (namespace, event_id)
),

lifts as (
    select events.namespace, events.request_id, events.right_type, events.occurred_at
    from events
    where events.event_type = 'stop_lifted' and {{ has_happened('events') }}
),

-- Of events of one instant the list of event types puts `stop_lifted` after `fulfilled`: it lifts what closed just then.
lifted as (
    select stops.request_key, min(lifts.occurred_at) as lifted_at
    from stops
    inner join lifts on stops.namespace = lifts.namespace and stops.request_id = lifts.request_id
    where
        lifts.occurred_at >= stops.closed_at
        and (lifts.right_type = stops.right_type or (lifts.right_type is null and lifts.occurred_at >= stops.received_at))
    group by stops.request_key
)

select
    stops.request_key,
    stops.namespace,
    stops.request_id,
    stops.right_type,
    {{ person_key_of('stops.subject_key', 'persons') }} as person_key,
    stops.closed_at as stopped_at,
    lifted.lifted_at,
    nullif(list_sort(list_distinct(received.purpose_codes)), []) as purpose_codes,
from stops
left join received on stops.namespace = received.namespace and stops.event_id = received.event_id
left join lifted on stops.request_key = lifted.request_key
left join persons on stops.subject_key = persons.subject_key
