-- A row here means that the waterfall to date does not hold each request that the log says was received.
with
landed as (
    select count(distinct (namespace, request_id, right_type)) as received
    from {{ ref('stg_requests__events') }} as events
    where event_type = 'received' and {{ has_happened('events') }}
),

told as (
    select coalesce(sum(received), 0) as received from {{ ref('rpt_waterfall') }}
    where period_grain = 'to_date' and dimension = 'all'
)

select landed.received as landed, told.received as told
from landed
cross join told
where landed.received <> told.received
