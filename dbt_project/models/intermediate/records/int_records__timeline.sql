-- The life of each record set that was created: the instants that decide its period and its end. Within one instant the order
-- of the contract's list decides: created, last_activity, trigger, hold_placed, hold_released, deleted, anonymised, seen.
-- Incremental by record set: recomputes changed record sets.
{%- if not execute %}
-- depends_on: {{ ref('int_records__changed') }} {{ ref('int_records__changed_events') }} {{ ref('stg_retention__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}, 'compression': 'uncompressed'},
) }}

with
events as not materialized (
    select * from {{ ref('int_records__changed_events' if is_incremental_build() else 'stg_retention__events') }}
),

instants as (select * from {{ source('run', 'run_instants') }}),

past_events as not materialized (
    select *
    from events
    where {{ has_happened('events') }}
),

event_summaries as (
    select
        namespace,
        record_id,
        count(*) filter (where event_type = 'created') as creations,
        max(occurred_at) filter (where event_type = 'last_activity') as last_activity_at,
        count(*) filter (where event_type = 'last_activity') as activities,
        min(occurred_at) filter (where event_type = 'trigger') as trigger_event_at,
        min(occurred_at) filter (where event_type = 'deleted') as first_deleted_at,
        min(occurred_at) filter (where event_type = 'anonymised') as first_anonymised_at,
        max(occurred_at) filter (where event_type = 'seen') as last_seen_at,
    from past_events
    where event_type not in {{ known_codes(event_types('retention', 'hold')) }}
    group by namespace, record_id
    having count(*) filter (where event_type = 'created') > 0
),

-- Few: a set that was deleted in parts ends with the deletion that left nothing.
partial_ends as (
    select
        namespace,
        record_id,
        min(records_left) as records_left,
        max(occurred_at) filter (where records_left = 0) as deleted_at,
        max(event_type) filter (where records_left = 0) as deletion_event_type,
    from {{ ref('int_records__partial_deletions') }}
    group by namespace, record_id
),

record_ends as (
    select
        event_summaries.*,
        partial_ends.records_left as records_left_by_parts,
        case
            when partial_ends.record_id is not null then partial_ends.deleted_at
            else least(event_summaries.first_deleted_at, event_summaries.first_anonymised_at)
        end as deleted_at,
        case
            when partial_ends.record_id is not null then partial_ends.deletion_event_type
            when event_summaries.first_deleted_at <= coalesce(event_summaries.first_anonymised_at, event_summaries.first_deleted_at) then 'deleted'
            when event_summaries.first_anonymised_at is not null then 'anonymised'
        end as deletion_event_type,
    from event_summaries
    left join partial_ends on event_summaries.namespace = partial_ends.namespace and event_summaries.record_id = partial_ends.record_id
),

-- Few: record sets with an activity or a scan after their end.
records_seen_again as (
    select namespace, record_id, deleted_at
    from record_ends
    where greatest(last_activity_at, last_seen_at) > deleted_at
),

sightings_and_ends as (
    select past_events.*, cast(timezone(instants.time_zone, past_events.occurred_at) as date) as local_date, instants.time_zone
    from past_events
    cross join instants
    inner join records_seen_again on past_events.namespace = records_seen_again.namespace and past_events.record_id = records_seen_again.record_id
    -- A deletion that left records is no end, and an event of the rest no return.
    where past_events.event_type in ('last_activity', 'deleted', 'anonymised', 'seen') and past_events.occurred_at >= records_seen_again.deleted_at
),

-- An end at the first instant of a local day is a date without a time of day.
ends as (
    select
        *,
        cast(timezone(time_zone, make_timestamptz(epoch_us(occurred_at) - 1)) as date) < local_date as is_mere_date,
    from sightings_and_ends
    where event_type in {{ known_codes(event_types('retention', 'deletion')) }}
),

-- After is strictly after, and after a mere date of a later date.
sightings_after as (
    select
        sightings.namespace,
        sightings.record_id,
        sightings.event_type,
        sightings.occurred_at,
        max(ends.occurred_at) filter (where ends.event_type = 'deleted') as last_deleted_at,
        max(ends.occurred_at) filter (where ends.event_type = 'anonymised') as last_anonymised_at,
    from sightings_and_ends as sightings
    inner join ends
        on
            sightings.namespace = ends.namespace
            and sightings.record_id = ends.record_id
            and sightings.occurred_at > ends.occurred_at
            and (sightings.local_date > ends.local_date or not ends.is_mere_date)
    where sightings.event_type in ('last_activity', 'seen')
    group by sightings.namespace, sightings.record_id, sightings.event_type, sightings.occurred_at
),

-- A scan after an anonymisation finds no person; an activity is a person's in either case.
reappeared as (
    select namespace, record_id, min(occurred_at) as reappeared_at
    from sightings_after
    where event_type = 'last_activity' or last_deleted_at > coalesce(last_anonymised_at, timestamptz '0001-01-01 00:00:00+00')
    group by namespace, record_id
),

-- The first `created` describes a record set; a later one changes nothing. Only sets that were created more than once are sorted.
recreated_records as (
    select namespace, record_id
    from record_ends
    where creations > 1
),

created_once as (
    select past_events.*
    from past_events
    anti join recreated_records using (namespace, record_id)
    where past_events.event_type = 'created'
),

created_first as (
    select past_events.*
    from past_events
    semi join recreated_records using (namespace, record_id)
    where past_events.event_type = 'created'
    qualify row_number() over (partition by past_events.namespace, past_events.record_id order by past_events.occurred_at, past_events.event_id) = 1
),

created as not materialized (
    select * from created_once
    union all
    select * from created_first
)

select
    created.namespace || '/' || created.record_id as record_key,
    created.namespace,
    created.record_id,
    created.subject_key,
    created.system,
    created.data_category,
    created.purpose_code,
    created.jurisdiction,
    created.contract_ref,
    created.record_count,
    case when record_ends.records_left_by_parts is not null then record_ends.records_left_by_parts when record_ends.deleted_at is null then created.record_count else 0 end
        as records_left,
    created.occurred_at as created_at,
    cast(timezone(instants.time_zone, created.occurred_at) as date) as created_date,
    record_ends.last_activity_at,
    record_ends.activities,
    record_ends.trigger_event_at,
    record_ends.last_seen_at,
    record_ends.deleted_at,
    cast(timezone(instants.time_zone, record_ends.deleted_at) as date) as deleted_date,
    record_ends.deletion_event_type,
    reappeared.reappeared_at,
    created.dimensions,
    created.source,
    created.event_id,
    created.batch_id,
    created.row_number,
from created
cross join instants
inner join record_ends on created.namespace = record_ends.namespace and created.record_id = record_ends.record_id
left join reappeared on created.namespace = reappeared.namespace and created.record_id = reappeared.record_id
