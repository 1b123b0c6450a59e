-- A row here means that the waterfall to date does not contain each received request.
with
landed_requests as (
    select count(distinct (namespace, request_id, right_type)) as received
    from {{ ref('stg_requests__events') }} as events
    where event_type = 'received' and {{ has_happened('events') }}
),

counted_requests as (
    select coalesce(sum(received), 0) as received from {{ ref('rpt_waterfall') }}
    where period_grain = 'to_date' and dimension = 'all'
)

select landed_requests.received as landed, counted_requests.received as counted
from landed_requests
cross join counted_requests
where landed_requests.received <> counted_requests.received
