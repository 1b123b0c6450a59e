-- Rows of the requests log that moved nothing, each with the span of local dates on which it may have happened
-- (unknown: null). A local date is at most fourteen hours ahead of UTC and twelve behind it.
with
instants as (select as_of, known_at from {{ source('run', 'run_instants') }}),

conflicting as (
    select 'conflict' as kind, namespace, source, request_id, right_type, event_type, occurred_at, jurisdiction, channel, batch_id, row_number
    from {{ ref('stg_requests__conflicts') }}
),

quarantined as (
    select 'quarantined' as kind, namespace, source, request_id, right_type, event_type, occurred_at, jurisdiction, channel, batch_id, row_number
    from {{ source('landing', 'quarantine') }}
    where log = 'requests'
),

orphaned as (
    select 'orphan' as kind, namespace, source, request_id, right_type, event_type, occurred_at, jurisdiction, channel, batch_id, row_number
    from {{ ref('int_findings__requests_orphans') }}
)

select
    refused.*,
    (refused.occurred_at - interval 12 hour)::date as earliest_date,
    (refused.occurred_at + interval 14 hour)::date as latest_date
from (
    select * from conflicting
    union all
    select * from quarantined
    union all
    select * from orphaned
) as refused
cross join instants
where refused.occurred_at is null or refused.occurred_at <= instants.as_of
