-- A row here is a right that somebody asked for and that the mart has lost, or has more than once in different shapes.
with
received as (
    select count(distinct (namespace, request_id, right_type)) as rights
    from {{ ref('stg_requests__events') }} as events
    where event_type = 'received' and {{ has_happened('events') }}
),

published as (select count(*) as rights from {{ ref('fct_requests') }})

select received.rights as received, published.rights as published
from received
cross join published
where received.rights <> published.rights
