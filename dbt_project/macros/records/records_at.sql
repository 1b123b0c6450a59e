{#-
Record sets as they stood at instants of one's own choice. `asked` names a relation with namespace, record_id and state_at, each
combination once, and none of them after as_of. Returns a row for each that had been created by then: the columns of
fct_records with the state at state_at, by the events with occurred_at <= state_at alone, and besides has_minimum and state_date.

The timeline at as_of already holds what every earlier instant needs. A first event of its kind had come by then or had not, a
hold's next release likewise, and what a record set is never changes; only of its latest activity an earlier one may have been
the latest then, and is looked for in the log.
-#}
{% macro records_at(asked) -%}
{%- set keys = record_keys() + ['state_at'] -%}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

asked_days as (
    select asked.state_at, cast(timezone(instants.time_zone, asked.state_at) as date) as state_date
    from (select distinct state_at from {{ asked }}) as asked
    cross join instants
),

lives as (
    select asked.state_at, asked_days.state_date, timelines.*
    from {{ asked }} as asked
    inner join asked_days on asked.state_at = asked_days.state_at
    inner join {{ ref('int_records__timeline') }} as timelines
        on asked.namespace = timelines.namespace and asked.record_id = timelines.record_id
    where timelines.created_at <= asked.state_at
),

active_since as (
    select namespace, record_id, state_at
    from lives
    where last_activity_at > state_at
),

activities as (
    select events.namespace, events.record_id, events.occurred_at
    from {{ ref('stg_retention__events') }} as events
    semi join active_since using (namespace, record_id)
    where events.event_type = 'last_activity' and {{ has_happened('events') }}
),

active_then as (
    select active_since.namespace, active_since.record_id, active_since.state_at, max(activities.occurred_at) as last_activity_at
    from active_since
    inner join activities
        on
            active_since.namespace = activities.namespace
            and active_since.record_id = activities.record_id
            and active_since.state_at >= activities.occurred_at
    group by active_since.namespace, active_since.record_id, active_since.state_at
),

parts_then as (
    select {{ columns_of('lives', keys) }}, min(parts.records_left) as records_left
    from lives
    inner join {{ ref('int_records__partial_deletions') }} as parts
        on lives.namespace = parts.namespace and lives.record_id = parts.record_id and lives.state_at >= parts.occurred_at
    group by {{ columns_of('lives', keys) }}
),

known_then as (
    select
        lives.* replace (
            case when lives.last_activity_at > lives.state_at then active_then.last_activity_at else lives.last_activity_at end
                as last_activity_at,
            {%- for instant in ['trigger_event_at', 'deleted_at', 'reappeared_at'] %}
            case when lives.{{ instant }} <= lives.state_at then lives.{{ instant }} end as {{ instant }},
            {%- endfor %}
            case when lives.deleted_at <= lives.state_at then 0 else coalesce(parts_then.records_left, lives.record_count) end as records_left,
            case when lives.deleted_at <= lives.state_at then lives.deleted_date end as deleted_date,
            case when lives.deleted_at <= lives.state_at then lives.deletion_event_type end as deletion_event_type
        ),
    from lives
    left join active_then on {{ same_record('lives', 'active_then', keys) }}
    left join parts_then on {{ same_record('lives', 'parts_then', keys) }}
),

periods as materialized (
    {{ record_periods('known_then') }}
),

holds_then as (
    select
        {{ columns_of('periods', keys) }},
        holds.hold_ref,
        holds.placed_at,
        holds.placed_date,
        holds.placings,
        case when holds.released_at <= periods.state_at then holds.released_at end as released_at,
        case when holds.released_at <= periods.state_at then holds.released_date end as released_date,
    from periods
    inner join {{ ref('int_records__holds') }} as holds
        on periods.namespace = holds.namespace and periods.record_id = holds.record_id
    where holds.placed_at <= periods.state_at
),

held_then as (
    {{ record_holds('periods', 'holds_then', keys) }}
),

states_then as (
    {{ record_states('periods', 'held_then', keys) }}
)

select * from states_then
{%- endmacro %}
