{#- The rights whose fulfilment stops what follows, whoever does it; an opt-out of sale or sharing is a matter of the recipient. -#}
{% macro rights_that_stop() -%}
{{ return(['erasure', 'objection', 'restriction']) }}
{%- endmacro %}

{#- The rights after which no decision is taken about the person without a person. -#}
{% macro rights_against_automated_decisions() -%}
{{ return(['automated_decision', 'objection']) }}
{%- endmacro %}

{#- The rights of which it is counted what is done while their request waits for an answer. -#}
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
The stops that were in force when something was done: one row per event (namespace, event_id), right and stop of the person, with
right_type, stopped_at and request_key of the stop, whether it covers_purpose, the event's, and is_scope_known: whether anybody can
say what it covers. With `pending` also the requests that were waiting for an answer then, as rows with is_pending. `events` names a CTE with namespace, event_id, subject_key, purpose_code and occurred_at; its `columns` are kept.
Only events of persons who stopped something are looked at, and each finds its stretches as of its instant.
-#}
{% macro stops_in_force(events, columns=[], pending=false) -%}
select
        asked.* exclude (person_key, purpose_code, own_purpose_code),
        asked.purpose_code = asked.own_purpose_code as covers_purpose,
        stretches.stopped_at,
        stretches.request_key,
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
    ) as asked
    asof inner join {{ ref('int_stops__intervals') }} as stretches
        on
            asked.person_key = stretches.person_key
            and asked.right_type = stretches.right_type
            and asked.is_scope_known = stretches.is_scope_known
            and asked.is_pending = stretches.is_pending
            and asked.purpose_code = stretches.purpose_code
            and asked.occurred_at >= stretches.begins_at
    where asked.occurred_at < coalesce(stretches.ended_at, timestamptz 'infinity')
{%- endmacro %}

{#- Of the rows of stops_in_force of one event, which meet a condition: the stop that closed first, as {stopped_at, request_key, right_type}. -#}
{% macro first_stop(condition) -%}
min(struct_pack(stopped_at := stopped_at, request_key := request_key, right_type := right_type)) filter ({{ condition }})
{%- endmacro %}

{#- The rights of those that meet a condition, each once, in order; null where none does. -#}
{% macro rights_of_stops(condition='true') -%}
list_sort(list(distinct right_type) filter ({{ condition }}))
{%- endmacro %}
