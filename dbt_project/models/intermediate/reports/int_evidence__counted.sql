-- What each source told of each day, and of which system, as far as each build counted it: a daily build adds what newly landed
-- or newly happened. Where an event was told otherwise, nobody knows how it was counted, and its log is counted anew.
{{ config(
    materialized='incremental',
    pre_hook="{{ forget_logs_told_otherwise() }}",
) }}
{%- set is_daily = is_daily_build() %}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

{%- if not execute or is_daily %}
told_otherwise as (
    {{ logs_told_otherwise() }}
),
{%- endif %}

-- Since 1972 no local day begins within a quarter of an hour, so a zone is asked for few instants and not for every event.
counted as (
    {%- for log in all_logs() %}
    {%- set columns %}
    select
        '{{ log }}' as log,
        events.source,
        {{ 'events.system' if log in ['requests', 'consents', 'retention', 'processing'] else 'cast(null as varchar)' }} as system,
        epoch_us(events.occurred_at) // 900000000 as quarter_of_an_hour,
        count(*) as events,
        min(events.occurred_at) as first_event_at,
        max(events.occurred_at) as last_event_at,
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    {%- endset %}
    {{ columns }}
    {%- if not execute or is_daily %}
    inner join {{ newly_arriving(log) }} as arriving using (batch_id)
    anti join told_otherwise on told_otherwise.log = '{{ log }}'
    where {{ is_new_or_newly_past('arriving', 'events') }} and {{ has_happened('events') }}
    group by all
    union all
    {{ columns }}
    semi join told_otherwise on told_otherwise.log = '{{ log }}'
    {%- endif %}
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
