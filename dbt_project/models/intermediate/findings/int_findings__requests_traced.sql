-- Each finding of a request with the landed row that it leads to.
with
findings as (select * from {{ ref('int_findings__requests') }}),

cause_events as (
    select findings.finding_code, findings.request_key, min_by(
        {occurred_at: events.occurred_at, event_id: events.event_id, source: events.source, batch_id: events.batch_id, row_number: events.row_number, landed_at: events.landed_at},
        (events.occurred_at, events.event_id)
    ) as event
    from {{ ref('stg_requests__events') }} as events
    inner join findings
        on
            events.namespace = findings.namespace
            and events.request_id = findings.request_id
            and events.event_type = findings.cause_type
            and coalesce(events.right_type, findings.right_type) = findings.right_type
    where
        events.event_type in ('fulfilled', 'partially_fulfilled', 'denied', 'extended', 'withdrawn', 'excluded', 'forwarded_to_controller')
        and timezone(findings.time_zone, events.occurred_at)::date = findings.cause_date
    group by findings.finding_code, findings.request_key
)

select
    findings.finding_code,
    findings.metric_code,
    'requests/' || findings.request_key as entity,
    findings.right_type,
    findings.channel,
    findings.subject_key,
    -- Nothing is wrong with a request before it comes, whatever date its answer bears.
    greatest(cause_events.event.occurred_at, findings.occurred_at) as occurred_at,
    findings.detail,
    coalesce(cause_events.event.source, findings.source) as source,
    coalesce(cause_events.event.event_id, findings.event_id) as event_id,
    coalesce(cause_events.event.batch_id, findings.batch_id) as batch_id,
    coalesce(cause_events.event.row_number, findings.row_number) as row_number,
    greatest(batches.landed_at, cause_events.event.landed_at) as first_seen_at
from findings
left join {{ source('landing', 'batches') }} as batches on findings.batch_id = batches.batch_id
left join cause_events on findings.finding_code = cause_events.finding_code and findings.request_key = cause_events.request_key
