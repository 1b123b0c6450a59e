-- Events whose `received` never came: the engine has no unit for them. An event that names no right is one only where the
-- request has no right at all. The rows are found by few columns and fetched whole afterwards.
with
events as not materialized (select * from {{ ref('stg_requests__events') }}),
requests as (select namespace, request_id, right_type from {{ ref('fct_requests') }}),

orphans as (
    select events.batch_id, events.row_number
    from events
    anti join requests
        on
            events.namespace = requests.namespace
            and events.request_id = requests.request_id
            and coalesce(events.right_type, requests.right_type) = requests.right_type
    where events.event_type <> 'received'
)

select events.*
from events
semi join orphans using (batch_id, row_number)
where
    events.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
    and not {{ is_dated_ahead('events') }}
