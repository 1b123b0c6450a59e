-- Events of a request that landed in conflicting versions, of which none counts: one row per right that such an event
-- concerns. A version that names no right concerns every right of its request.
with
versions as (
    select
        *,
        {{ moment('occurred_at', 'event_type', 'reason_code') }} as moment,
    from {{ ref('stg_requests__conflicts') }}
),

requests as (select request_key, namespace, request_id, right_type from {{ ref('int_requests__deadlines') }}),

conflicting_events as (
    select distinct requests.request_key, versions.namespace, versions.event_id
    from versions
    inner join requests using (namespace, request_id)
    where
        coalesce(versions.right_type, requests.right_type) = requests.right_type
        and versions.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
)

select
    conflicting_events.request_key,
    conflicting_events.event_id,
    list_sort(list({{ landed_row('versions.moment', 'versions.batch_id', 'versions.row_number') }})) as landed_rows,
from conflicting_events
inner join versions using (namespace, event_id)
group by conflicting_events.request_key, conflicting_events.event_id
