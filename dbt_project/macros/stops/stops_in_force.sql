{#- The rights whose fulfilment stops processing and disclosure; an opt-out of sale or sharing depends on the recipient. -#}
{% macro rights_that_stop() -%}
{{ return(['erasure', 'objection', 'restriction']) }}
{%- endmacro %}

{#- The rights after which no decision is taken about the person without a person. -#}
{% macro rights_against_automated_decisions() -%}
{{ return(['automated_decision', 'objection']) }}
{%- endmacro %}

{#- The rights for which processing is counted while the request waits for an answer. -#}
{% macro rights_counted_while_pending() -%}
{{ return(['objection', 'restriction']) }}
{%- endmacro %}

{#- The bases on which no such stop binds an act of processing. -#}
{% macro bases_beyond_stops() -%}
{{ return(['legal_obligation', 'vital_interests']) }}
{%- endmacro %}

{#- Whether a stop is of one of these rights. -#}
{% macro is_of_rights(rights) -%}
right_type in ('{{ rights | join("', '") }}')
{%- endmacro %}

{#-
The stops that were in force at the instant of an event: one row per event (namespace, event_id), right and stop of the person, with
right_type, stopped_at and request_key of the stop, whether it covers_purpose (that of the event), and is_scope_known: whether the log
records what it covers. With `pending` also the requests that were waiting for an answer then, as rows with is_pending. `events` names a CTE with namespace, event_id, subject_key, purpose_code and occurred_at; its `columns` are kept.
Reads only events of persons with a stop, and joins each to its intervals as of its instant.
-#}
{% macro stops_in_force(events, columns=[], pending=false) -%}
select
        events_of_persons.* exclude (person_key, purpose_code, own_purpose_code),
        events_of_persons.purpose_code = events_of_persons.own_purpose_code as covers_purpose,
        intervals.stopped_at,
        intervals.request_key,
    from (
        select
            events.namespace,
            events.event_id,
            events.occurred_at,
            {%- for column in columns %}
            events.{{ column }},
            {%- endfor %}
            stops.person_key,
            stops.right_type,
            stops.is_scope_known,
            stops.is_pending,
            unnest(list_append(stops.named_purposes, '')) as purpose_code,
            if(list_contains(stops.named_purposes, events.purpose_code), events.purpose_code, '') as own_purpose_code,
        from {{ events }} as events
        inner join {{ ref('int_stops__subjects') }} as subjects on events.subject_key = subjects.subject_key
        inner join {{ ref('int_stops__persons') }} as stops on subjects.person_key = stops.person_key
        where events.occurred_at > stops.first_stopped_at{{ ' and not stops.is_pending' if not pending }}
    ) as events_of_persons
    asof inner join {{ ref('int_stops__intervals') }} as intervals
        on
            events_of_persons.person_key = intervals.person_key
            and events_of_persons.right_type = intervals.right_type
            and events_of_persons.is_scope_known = intervals.is_scope_known
            and events_of_persons.is_pending = intervals.is_pending
            and events_of_persons.purpose_code = intervals.purpose_code
            and events_of_persons.occurred_at >= intervals.begins_at
    where events_of_persons.occurred_at < coalesce(intervals.ended_at, timestamptz 'infinity')
{%- endmacro %}

{#- Of the rows of stops_in_force of one event, which meet a condition: the stop that closed first, as {stopped_at, request_key, right_type}. -#}
{% macro first_stop(condition) -%}
min(struct_pack(stopped_at := stopped_at, request_key := request_key, right_type := right_type)) filter ({{ condition }})
{%- endmacro %}

{#- The rights of those that meet a condition, each once, in order; null where none does. -#}
{% macro rights_of_stops(condition='true') -%}
list_sort(list(distinct right_type) filter ({{ condition }}))
{%- endmacro %}
