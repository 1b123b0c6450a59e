-- Events whose `received` never came: the engine has no unit for them. An event that names no right is one only where the
-- request has no right at all. Kept from build to build; touched requests are replaced whole.
{{ config(
    materialized='incremental',
    pre_hook="{{ forget('int_requests__touched', ['namespace', 'request_id']) }}",
) }}

with
events as not materialized (select * from {{ ref('stg_requests__events') }}),
requests as not materialized (select namespace, request_id, right_type from {{ ref('fct_requests') }}),

followers as not materialized (
    select events.*
    from events
    {{ only_touched('int_requests__touched', ['namespace', 'request_id']) }}
    where events.event_type <> 'received' and {{ has_happened('events') }}
),

-- Found by few columns and fetched whole afterwards.
orphans as (
    select followers.batch_id, followers.row_number
    from followers
    anti join requests using (namespace, request_id)
    where followers.right_type is null
    union all
    select followers.batch_id, followers.row_number
    from followers
    anti join requests using (namespace, request_id, right_type)
    where followers.right_type is not null
)

select followers.*
from followers
semi join orphans using (batch_id, row_number)
