-- Events that count per source, system and day, summed over the builds that counted them.
{{ config(materialized='view') }}

select
    log,
    source,
    system,
    day,
    sum(events)::bigint as events,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
from {{ ref('int_evidence__counts_by_build') }}
group by all
