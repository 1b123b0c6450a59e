-- What each source told of each day, and of which system: the events that count, counted once for every table that asks.
{% set naming_a_system = ['requests', 'consents', 'retention', 'processing'] %}
{% set logs = ['requests', 'consents', 'disclosures', 'retention', 'collections', 'processing', 'incidents', 'policies', 'subject_links'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

-- Since 1972 no local day begins within a quarter of an hour, so a zone is asked for few instants and not for every event.
counted as (
    {%- for log in logs %}
    select
        '{{ log }}' as log,
        source,
        {{ 'system' if log in naming_a_system else 'cast(null as varchar)' }} as system,
        epoch_us(occurred_at) // 900000000 as quarter_of_an_hour,
        count(*) as events,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    where {{ has_happened('events') }}
    group by all
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    counted.log,
    counted.source,
    counted.system,
    cast(timezone(instants.time_zone, make_timestamptz(counted.quarter_of_an_hour * 900000000)) as date) as day,
    sum(counted.events)::bigint as events,
    min(counted.first_event_at) as first_event_at,
    max(counted.last_event_at) as last_event_at,
from counted
cross join instants
group by all
