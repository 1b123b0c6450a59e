-- A row here is an incident that somebody detected and that the mart has lost, or has more than once.
with
detected as (
    select count(distinct (namespace, incident_id)) as incidents
    from {{ ref('stg_incidents__events') }} as events
    where event_type = 'detected' and {{ has_happened('events') }}
),

published as (select count(*) as incidents from {{ ref('fct_incidents') }})

select detected.incidents as detected, published.incidents as published
from detected
cross join published
where detected.incidents <> published.incidents
