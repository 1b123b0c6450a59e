-- The deletions and anonymisations of record sets that went in parts: each removes as many records as it states, or all that were
-- left, until nothing is left. Whatever comes after removes nothing. Few sets go in parts; the others are not here.
-- Incremental by record set.
{%- if not execute %}
-- depends_on: {{ ref('int_records__changed') }} {{ ref('int_records__changed_events') }} {{ ref('stg_retention__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}},
) }}

with
events as not materialized (
    select * from {{ ref('int_records__changed_events' if is_incremental_build() else 'stg_retention__events') }}
),

deletions as (
    select *
    from events
    where event_type in {{ known_codes(event_types('retention', 'deletion')) }} and {{ has_happened('events') }}
),

least_counts as (
    select namespace, record_id, min(record_count) as least_count
    from deletions
    where record_count is not null
    group by namespace, record_id
),

creations as (
    select events.namespace, events.record_id, arg_min(events.record_count, (events.occurred_at, events.event_id)) as record_count
    from events
    semi join least_counts on events.namespace = least_counts.namespace and events.record_id = least_counts.record_id
    where events.event_type = 'created' and {{ has_happened('events') }}
    group by events.namespace, events.record_id
),

sets_in_parts as (
    select creations.*
    from creations
    inner join least_counts on creations.namespace = least_counts.namespace and creations.record_id = least_counts.record_id
    where least_counts.least_count < creations.record_count
),

-- Of one instant a deletion comes before an anonymisation, then the least identifier.
deletions_in_order as (
    select
        deletions.*,
        sets_in_parts.record_count as created_count,
        coalesce(deletions.record_count, sets_in_parts.record_count) as stated_count,
        coalesce(sum(coalesce(deletions.record_count, sets_in_parts.record_count)) over earlier, 0) as stated_before,
    from deletions
    inner join sets_in_parts on deletions.namespace = sets_in_parts.namespace and deletions.record_id = sets_in_parts.record_id
    window earlier as (
        partition by deletions.namespace, deletions.record_id
        order by deletions.occurred_at, deletions.event_type = 'anonymised', deletions.event_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    namespace,
    record_id,
    event_id,
    event_type,
    occurred_at,
    cast(least(stated_count, created_count - stated_before) as bigint) as records_deleted,
    cast(greatest(created_count - stated_before - stated_count, 0) as bigint) as records_left,
    source,
    batch_id,
    row_number,
from deletions_in_order
where stated_before < created_count
