-- Each deletion that left records of its set, in the status that it would have had as the end of the set, on its own date: an
-- activity that came later does not move the period from which it was deleted.
{% set keys = record_keys() + ['event_id'] %}
with
deletions as (select * from {{ ref('int_records__partial_deletions') }} where records_left > 0),

as_of as (
    select as_of as state_at, time_zone, cast(timezone(time_zone, as_of) as date) as state_date
    from {{ source('run', 'run_instants') }}
),

timelines as (
    select timelines.*
    from {{ ref('int_records__timeline') }} as timelines
    semi join deletions on timelines.namespace = deletions.namespace and timelines.record_id = deletions.record_id
),

activities as (
    select deletions.namespace, deletions.record_id, deletions.event_id, max(activities.occurred_at) as last_activity_at
    from deletions
    inner join {{ ref('int_records__activities') }} as activities
        on
            deletions.namespace = activities.namespace
            and deletions.record_id = activities.record_id
            and deletions.occurred_at >= activities.occurred_at
    group by deletions.namespace, deletions.record_id, deletions.event_id
),

records as (
    select
        timelines.* replace (
            activities.last_activity_at as last_activity_at,
            deletions.occurred_at as deleted_at,
            cast(timezone(as_of.time_zone, deletions.occurred_at) as date) as deleted_date,
            deletions.event_type as deletion_event_type,
            null::timestamptz as reappeared_at,
            deletions.source as source,
            deletions.event_id as event_id,
            deletions.batch_id as batch_id,
            deletions.row_number as row_number
        ),
        deletions.records_deleted,
        as_of.state_at,
        as_of.state_date,
    from timelines
    cross join as_of
    inner join deletions on timelines.namespace = deletions.namespace and timelines.record_id = deletions.record_id
    left join activities
        on
            deletions.namespace = activities.namespace
            and deletions.record_id = activities.record_id
            and deletions.event_id = activities.event_id
),

periods as materialized (
    {{ record_periods('records') }}
),

holds as (
    select holds.*, periods.event_id
    from {{ ref('int_records__holds') }} as holds
    inner join periods on holds.namespace = periods.namespace and holds.record_id = periods.record_id
),

hold_effects as (
    {{ record_holds('periods', 'holds', keys) }}
),

states as (
    {{ record_states('periods', 'hold_effects', keys) }}
)

select * from states
