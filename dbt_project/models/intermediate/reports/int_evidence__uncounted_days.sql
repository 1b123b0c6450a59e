-- Events per source and day that landed and do not count: rejected rows, and events of which two versions contradict one another.
{{ config(materialized='view') }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

uncounted_events as (
    select source, occurred_at from {{ source('landing', 'quarantine') }}
    {%- for log in contract_logs() %}
    union all
    select min(source), min(occurred_at) from {{ ref('stg_' ~ log ~ '__versions') }}
    where verdict = 'conflicts'
    group by namespace, event_id
    {%- endfor %}
)

select
    uncounted_events.source,
    cast(timezone(instants.time_zone, uncounted_events.occurred_at) as date) as day,
    count(*) as events,
from uncounted_events
cross join instants
group by all
