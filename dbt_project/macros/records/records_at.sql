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

past_timelines as (
    select asked.state_at, asked_days.state_date, timelines.*
    from {{ asked }} as asked
    inner join asked_days on asked.state_at = asked_days.state_at
    inner join {{ ref('int_records__timeline') }} as timelines
        on asked.namespace = timelines.namespace and asked.record_id = timelines.record_id
    where timelines.created_at <= asked.state_at
),

records_active_since as (
    select namespace, record_id, state_at
    from past_timelines
    where last_activity_at > state_at
),

activities as (
    select activities.*
    from {{ ref('int_records__activities') }} as activities
    semi join records_active_since using (namespace, record_id)
),

past_activities as (
    select records_active_since.namespace, records_active_since.record_id, records_active_since.state_at, max(activities.occurred_at) as last_activity_at
    from records_active_since
    inner join activities
        on
            records_active_since.namespace = activities.namespace
            and records_active_since.record_id = activities.record_id
            and records_active_since.state_at >= activities.occurred_at
    group by records_active_since.namespace, records_active_since.record_id, records_active_since.state_at
),

past_parts as (
    select {{ columns_of('past_timelines', keys) }}, min(parts.records_left) as records_left
    from past_timelines
    inner join {{ ref('int_records__partial_deletions') }} as parts
        on past_timelines.namespace = parts.namespace and past_timelines.record_id = parts.record_id and past_timelines.state_at >= parts.occurred_at
    group by {{ columns_of('past_timelines', keys) }}
),

past_records as (
    select
        past_timelines.* replace (
            case when past_timelines.last_activity_at > past_timelines.state_at then past_activities.last_activity_at else past_timelines.last_activity_at end
                as last_activity_at,
            {%- for instant in ['trigger_event_at', 'deleted_at', 'reappeared_at'] %}
            case when past_timelines.{{ instant }} <= past_timelines.state_at then past_timelines.{{ instant }} end as {{ instant }},
            {%- endfor %}
            case when past_timelines.deleted_at <= past_timelines.state_at then 0 else coalesce(past_parts.records_left, past_timelines.record_count) end as records_left,
            case when past_timelines.deleted_at <= past_timelines.state_at then past_timelines.deleted_date end as deleted_date,
            case when past_timelines.deleted_at <= past_timelines.state_at then past_timelines.deletion_event_type end as deletion_event_type
        ),
    from past_timelines
    left join past_activities on {{ same_record('past_timelines', 'past_activities', keys) }}
    left join past_parts on {{ same_record('past_timelines', 'past_parts', keys) }}
),

periods as materialized (
    {{ record_periods('past_records') }}
),

past_holds as (
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

past_hold_effects as (
    {{ record_holds('periods', 'past_holds', keys) }}
),

past_states as (
    {{ record_states('periods', 'past_hold_effects', keys) }}
)

select * from past_states
{%- endmacro %}
