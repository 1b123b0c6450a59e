-- Each finding about a fact with the landed row that it leads back to, and when the last of the rows that make it so had landed:
-- the row that the fact begins with, the event that went wrong, and the request that it disregards, with its answer where the
-- fact is later.
{% set lives = {'retention': 'record_id', 'incidents': 'incident_id', 'policies': 'policy_version'} %}
with
found as (select * from {{ ref('int_findings__facts') }}),
batches as (select batch_id, landed_at from {{ source('landing', 'batches') }}),

-- Of several such events of one instant the least identifier is named.
events as (
    {%- for log, life in lives.items() %}
    select
        found.finding_code,
        found.entity,
        min_by(
            {
                event_id: events.event_id, source: events.source, batch_id: events.batch_id,
                row_number: events.row_number, landed_at: events.landed_at
            },
            (events.event_id, events.batch_id, events.row_number)
        ) filter (events.occurred_at = found.occurred_at and list_contains(found.event_types, events.event_type)) as event,
        max(events.landed_at) filter (list_contains(found.earlier_types, events.event_type)) as earlier_landed_at,
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    inner join found
        on
            events.namespace = found.life_namespace
            and events.{{ life }} = found.life_id
            and events.occurred_at <= found.occurred_at
    where starts_with(found.entity, '{{ log }}/') and {{ has_happened('events') }}
    group by found.finding_code, found.entity
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stop_requests as (
    select requests.request_key, requests.namespace, requests.request_id, requests.closed_at, batches.landed_at
    from {{ ref('fct_requests') }} as requests
    semi join found on requests.request_key = found.stop_key
    left join batches on requests.batch_id = batches.batch_id
),

stops as (
    select
        stop_requests.request_key,
        stop_requests.closed_at,
        stop_requests.landed_at,
        max(events.landed_at) as answer_landed_at,
    from stop_requests
    left join {{ ref('stg_requests__events') }} as events
        on
            stop_requests.namespace = events.namespace
            and stop_requests.request_id = events.request_id
            and stop_requests.closed_at = events.occurred_at
            and events.event_type in ('fulfilled', 'partially_fulfilled')
    group by stop_requests.request_key, stop_requests.closed_at, stop_requests.landed_at
)

select
    found.* exclude (life_namespace, life_id, event_types, earlier_types, stop_key, source, event_id, batch_id, row_number),
    coalesce(events.event.source, found.source) as source,
    coalesce(events.event.event_id, found.event_id) as event_id,
    coalesce(events.event.batch_id, found.batch_id) as batch_id,
    coalesce(events.event.row_number, found.row_number) as row_number,
    greatest(
        batches.landed_at,
        events.event.landed_at,
        events.earlier_landed_at,
        stops.landed_at,
        case when stops.closed_at < found.occurred_at then stops.answer_landed_at end
    ) as first_seen_at,
from found
left join batches on found.batch_id = batches.batch_id
left join events on found.finding_code = events.finding_code and found.entity = events.entity
left join stops on found.stop_key = stops.request_key
