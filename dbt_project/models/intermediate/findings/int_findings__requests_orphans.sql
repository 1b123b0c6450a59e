-- Events that concern no right of a request: the engine has no unit for them. The `received` of their right never came, or
-- they name no right and are dated before every receipt. Incremental by request: recomputes those of changed requests.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_changed('int_requests__changed', ['namespace', 'request_id']) }}",
) }}

with
events as not materialized (select * from {{ ref('stg_requests__events') }}),
requests as not materialized (select namespace, request_id, right_type, received_at from {{ ref('fct_requests') }}),

cases as (
    select namespace, request_id, min(received_at) as received_at
    from requests
    group by namespace, request_id
),

followers as not materialized (
    select events.*
    from events
    {{ only_changed('int_requests__changed', ['namespace', 'request_id']) }}
    where events.event_type <> 'received' and {{ has_happened('events') }}
),

-- Found by few columns and fetched whole afterwards.
orphans as (
    select
        followers.batch_id,
        followers.row_number,
        if(cases.request_id is null, 'orphan', 'event_before_receipt') as finding_code,
    from followers
    left join cases on followers.namespace = cases.namespace and followers.request_id = cases.request_id
    where followers.right_type is null and (cases.request_id is null or followers.occurred_at < cases.received_at)
    union all
    select followers.batch_id, followers.row_number, 'orphan' as finding_code
    from followers
    anti join requests using (namespace, request_id, right_type)
    where followers.right_type is not null
)

select followers.*, orphans.finding_code
from followers
inner join orphans using (batch_id, row_number)
