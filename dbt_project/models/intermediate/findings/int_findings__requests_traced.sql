-- Each finding about a request with the landed row that it leads back to.
with
found as (select * from {{ ref('int_findings__requests') }}),

causes as (
    select found.finding_code, found.request_key, min_by(
        {occurred_at: events.occurred_at, event_id: events.event_id, source: events.source, batch_id: events.batch_id, row_number: events.row_number, landed_at: events.landed_at},
        (events.occurred_at, events.event_id)
    ) as event
    from {{ ref('stg_requests__events') }} as events
    inner join found
        on
            events.namespace = found.namespace
            and events.request_id = found.request_id
            and events.event_type = found.cause_type
            and coalesce(events.right_type, found.right_type) = found.right_type
    where
        events.event_type in ('fulfilled', 'partially_fulfilled', 'denied', 'extended', 'withdrawn', 'excluded', 'forwarded_to_controller')
        and timezone(found.time_zone, events.occurred_at)::date = found.cause_date
    group by found.finding_code, found.request_key
)

select
    found.finding_code,
    found.metric_code,
    'requests/' || found.request_key as entity,
    found.right_type,
    found.channel,
    found.subject_key,
    -- Nothing is wrong with a request before it comes, whatever date its answer bears.
    greatest(causes.event.occurred_at, found.occurred_at) as occurred_at,
    found.detail,
    coalesce(causes.event.source, found.source) as source,
    coalesce(causes.event.event_id, found.event_id) as event_id,
    coalesce(causes.event.batch_id, found.batch_id) as batch_id,
    coalesce(causes.event.row_number, found.row_number) as row_number,
    greatest(batches.landed_at, causes.event.landed_at) as first_seen_at
from found
left join {{ source('landing', 'batches') }} as batches on found.batch_id = batches.batch_id
left join causes on found.finding_code = causes.finding_code and found.request_key = causes.request_key
