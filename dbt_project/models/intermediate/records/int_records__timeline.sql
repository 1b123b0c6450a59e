-- What happened to each record set that was created: the instants that decide its period and its end. Within one instant the
-- order of the contract's list decides: created, last_activity, trigger, hold_placed, hold_released, deleted, anonymised, seen.
-- Kept from build to build; what is touched is put together anew.
{{ config(
    materialized='incremental',
    pre_hook=["{{ delete_changed('int_records__changed', ['namespace', 'record_id']) }}", force_compression('uncompressed')],
    post_hook=force_compression('auto'),
) }}

with
-- Few rows are found once, many are found again where they are needed.
events as {{ 'materialized' if is_incremental_build() else 'not materialized' }} (
    select *
    from {{ ref('stg_retention__events') }}
    {{ only_changed('int_records__changed', ['namespace', 'record_id']) }}
),

instants as (select * from {{ source('run', 'run_instants') }}),

happened as not materialized (
    select *
    from events
    where {{ has_happened('events') }}
),

told as (
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
    from happened
    where event_type not in ('hold_placed', 'hold_released')
    group by namespace, record_id
    having count(*) filter (where event_type = 'created') > 0
),

-- Few: what went in parts ends with the deletion that left nothing.
ends_in_parts as (
    select
        namespace,
        record_id,
        min(records_left) as records_left,
        max(occurred_at) filter (where records_left = 0) as deleted_at,
        max(event_type) filter (where records_left = 0) as deletion_event_type,
    from {{ ref('int_records__partial_deletions') }}
    group by namespace, record_id
),

lives as (
    select
        told.*,
        ends_in_parts.records_left as records_left_by_parts,
        case
            when ends_in_parts.record_id is not null then ends_in_parts.deleted_at
            else least(told.first_deleted_at, told.first_anonymised_at)
        end as deleted_at,
        case
            when ends_in_parts.record_id is not null then ends_in_parts.deletion_event_type
            when told.first_deleted_at <= coalesce(told.first_anonymised_at, told.first_deleted_at) then 'deleted'
            when told.first_anonymised_at is not null then 'anonymised'
        end as deletion_event_type,
    from told
    left join ends_in_parts on told.namespace = ends_in_parts.namespace and told.record_id = ends_in_parts.record_id
),

-- Few: whatever was heard of again after its end.
heard_of_again as (
    select namespace, record_id, deleted_at
    from lives
    where greatest(last_activity_at, last_seen_at) > deleted_at
),

sightings_and_ends as (
    select happened.*, cast(timezone(instants.time_zone, happened.occurred_at) as date) as local_date, instants.time_zone
    from happened
    cross join instants
    inner join heard_of_again on happened.namespace = heard_of_again.namespace and happened.record_id = heard_of_again.record_id
    -- A deletion that left something is no end, and what is heard of the rest no return.
    where happened.event_type in ('last_activity', 'deleted', 'anonymised', 'seen') and happened.occurred_at >= heard_of_again.deleted_at
),

-- An end at the first instant of a day is a date without a time of day.
ends as (
    select
        *,
        cast(timezone(time_zone, make_timestamptz(epoch_us(occurred_at) - 1)) as date) < local_date as is_mere_date,
    from sightings_and_ends
    where event_type in ('deleted', 'anonymised')
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

-- A scan that finds what was made anonymous last finds no person; an activity is a person's in either case.
reappeared as (
    select namespace, record_id, min(occurred_at) as reappeared_at
    from sightings_after
    where event_type = 'last_activity' or last_deleted_at > coalesce(last_anonymised_at, timestamptz '0001-01-01 00:00:00+00')
    group by namespace, record_id
),

-- What a record set is, its first `created` says; a later one changes nothing. Only those that were created more than once
-- are put in order.
lives_of_many as (
    select namespace, record_id
    from lives
    where creations > 1
),

created_once as (
    select happened.*
    from happened
    anti join lives_of_many using (namespace, record_id)
    where happened.event_type = 'created'
),

created_first as (
    select happened.*
    from happened
    semi join lives_of_many using (namespace, record_id)
    where happened.event_type = 'created'
    qualify row_number() over (partition by happened.namespace, happened.record_id order by happened.occurred_at, happened.event_id) = 1
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
    case when lives.records_left_by_parts is not null then lives.records_left_by_parts when lives.deleted_at is null then created.record_count else 0 end
        as records_left,
    created.occurred_at as created_at,
    cast(timezone(instants.time_zone, created.occurred_at) as date) as created_date,
    lives.last_activity_at,
    lives.activities,
    lives.trigger_event_at,
    lives.last_seen_at,
    lives.deleted_at,
    cast(timezone(instants.time_zone, lives.deleted_at) as date) as deleted_date,
    lives.deletion_event_type,
    reappeared.reappeared_at,
    created.source,
    created.event_id,
    created.batch_id,
    created.row_number,
from created
cross join instants
inner join lives on created.namespace = lives.namespace and created.record_id = lives.record_id
left join reappeared on created.namespace = reappeared.namespace and created.record_id = reappeared.record_id
