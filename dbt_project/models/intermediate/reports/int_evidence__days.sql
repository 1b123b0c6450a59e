-- What each source told of each day, and of which system: the events that count, whichever builds counted them.
{{ config(materialized='view') }}

select
    log,
    source,
    system,
    day,
    sum(events)::bigint as events,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
from {{ ref('int_evidence__counted') }}
group by all
