-- Events whose `received` never came: the engine has no unit for them.
with
events as (select * from {{ ref('stg_requests__events') }}),
requests as (select distinct namespace, request_id, right_type from {{ ref('fct_requests') }}),

of_one_right as (
    select events.*
    from events
    anti join requests
        on
            events.namespace = requests.namespace
            and events.request_id = requests.request_id
            and events.right_type = requests.right_type
    where events.right_type is not null and events.event_type <> 'received'
),

of_every_right as (
    select events.*
    from events
    anti join requests
        on events.namespace = requests.namespace and events.request_id = requests.request_id
    where events.right_type is null
)

select orphans.*
from (
    select * from of_one_right
    union all
    select * from of_every_right
) as orphans
where {{ has_happened('orphans') }}
