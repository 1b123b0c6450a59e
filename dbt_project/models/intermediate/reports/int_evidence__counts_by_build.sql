-- Events per source, system and day. Incremental: adds the events that landed or came due since the previous build. A log in
-- which another version of a counted event landed is counted again, because the old count can't be taken apart.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_events__new_versions': ['log']}},
) }}
{%- set incremental = is_incremental_build() %}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

{% if not execute or incremental %}
logs_with_new_versions as (select distinct log from {{ ref('int_events__new_versions') }}),
{% endif %}

-- Since 1972 no local day begins within a quarter of an hour, so a zone is asked for few instants and not for every event.
events_by_quarter_hour as (
    {%- for log in contract_logs() %}
    {%- set columns %}
    select
        '{{ log }}' as log,
        events.source,
        {{ 'events.system' if has_column(log, 'system') else 'cast(null as varchar)' }} as system,
        epoch_us(events.occurred_at) // 900000000 as quarter_of_an_hour,
        count(*) as events,
        min(events.occurred_at) as first_event_at,
        max(events.occurred_at) as last_event_at,
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    {%- endset %}
    {{ columns }}
    {%- if not execute or incremental %}
    inner join {{ batches_with_new_events(log) }} as batches using (batch_id)
    anti join logs_with_new_versions on logs_with_new_versions.log = '{{ log }}'
    where {{ is_newly_landed_or_newly_due('batches', 'events') }} and {{ has_happened('events') }}
    group by all
    union all
    {{ columns }}
    semi join logs_with_new_versions on logs_with_new_versions.log = '{{ log }}'
    {%- endif %}
    where {{ has_happened('events') }}
    group by all
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    events_by_quarter_hour.log,
    events_by_quarter_hour.source,
    events_by_quarter_hour.system,
    cast(timezone(instants.time_zone, make_timestamptz(events_by_quarter_hour.quarter_of_an_hour * 900000000)) as date) as day,
    sum(events_by_quarter_hour.events)::bigint as events,
    min(events_by_quarter_hour.first_event_at) as first_event_at,
    max(events_by_quarter_hour.last_event_at) as last_event_at,
from events_by_quarter_hour
cross join instants
group by all
