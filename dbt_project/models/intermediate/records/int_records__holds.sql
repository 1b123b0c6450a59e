-- Each hold on a record set, from its placing to the next release under the same reference. Placed again before it was
-- released, it is one hold that was reviewed; placed and released at one instant, it was released. Incremental by record set.
{%- if not execute %}
-- depends_on: {{ ref('int_records__changed') }} {{ ref('int_records__changed_events') }} {{ ref('stg_retention__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}},
) }}
with
events as (select * from {{ ref('int_records__changed_events' if is_incremental_build() else 'stg_retention__events') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

hold_events as (
    select
        events.namespace,
        events.record_id,
        events.hold_ref,
        events.event_type,
        events.occurred_at as placed_at,
        min(events.occurred_at) filter (where events.event_type = 'hold_released') over (
            partition by events.namespace, events.record_id, events.hold_ref
            order by events.occurred_at
            range between current row and unbounded following
        ) as released_at,
    from events
    where events.event_type in {{ known_codes(event_types('retention', 'hold')) }} and {{ has_happened('events') }}
),

holds as (
    select namespace, record_id, hold_ref, min(placed_at) as placed_at, released_at, list(placed_at order by placed_at) as placings
    from hold_events
    where event_type = 'hold_placed'
    group by namespace, record_id, hold_ref, released_at
)

select
    holds.*,
    cast(timezone(instants.time_zone, holds.placed_at) as date) as placed_date,
    cast(timezone(instants.time_zone, holds.released_at) as date) as released_date,
from holds
cross join instants
