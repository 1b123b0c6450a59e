-- Events that concern no right of a request: the engine has no unit for them. The `received` of their right never came, or
-- they name no right and are dated before every receipt. Incremental by request: recomputes those of changed requests.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_requests__changed': ['namespace', 'request_id']}},
) }}

with
events as not materialized (select * from {{ ref('int_requests__events') }}),

requests as not materialized (select namespace, request_id, right_type, received_at from {{ ref('fct_requests') }}),

received_requests as (
    select namespace, request_id, min(received_at) as received_at
    from requests
    group by namespace, request_id
),

later_events as not materialized (
    select events.*
    from events
    {{ only_changed('int_requests__changed', ['namespace', 'request_id']) }}
    where events.event_type <> 'received'
),

-- Found by few columns and fetched whole afterwards.
orphans as (
    select
        later_events.batch_id,
        later_events.row_number,
        if(received_requests.request_id is null, 'orphan', 'event_before_receipt') as finding_code,
    from later_events
    left join received_requests on later_events.namespace = received_requests.namespace and later_events.request_id = received_requests.request_id
    where later_events.right_type is null and (received_requests.request_id is null or later_events.occurred_at < received_requests.received_at)
    union all
    select later_events.batch_id, later_events.row_number, 'orphan' as finding_code
    from later_events
    anti join requests using (namespace, request_id, right_type)
    where later_events.right_type is not null
)

select later_events.*, orphans.finding_code
from later_events
inner join orphans using (batch_id, row_number)
