{#- The rights whose fulfilment stops what follows, whoever does it; an opt-out of sale or sharing is a matter of the recipient. -#}
{% macro rights_that_stop() -%}
{{ return(['erasure', 'objection', 'restriction']) }}
{%- endmacro %}

{#- The rights after which no decision is taken about the person without a person. -#}
{% macro rights_against_automated_decisions() -%}
{{ return(['automated_decision', 'objection']) }}
{%- endmacro %}

{#-
Which events a stop binds: one row per bound event (namespace, event_id), with the stop that closed first: stopped_at,
stopped_by (its request_key), stopped_right_type. `events` names a CTE with namespace, event_id, subject_key, purpose_code and
occurred_at. Only events of persons who stopped something are looked at, and each finds its stretch as of its instant.
`condition` may narrow what a right binds by the event, with `stops.right_type` and `events.*`:

    stopped as (
        {{ earliest_stops('disclosed', rights_that_stop() + ['opt_out_sale_share'],
            "stops.right_type <> 'opt_out_sale_share' or events.consideration <> 'none'") }}
    )
-#}
{% macro earliest_stops(events, rights, condition='true') -%}
select
        namespace,
        event_id,
        first_stop.stopped_at,
        first_stop.request_key as stopped_by,
        first_stop.right_type as stopped_right_type,
    from (
        select
            asked.namespace,
            asked.event_id,
            min(struct_pack(
                stopped_at := stretches.stopped_at,
                request_key := stretches.request_key,
                right_type := stretches.right_type
            )) as first_stop,
        from (
            select
                events.namespace,
                events.event_id,
                events.occurred_at,
                stops.person_key,
                stops.right_type,
                if(list_contains(stops.named_purposes, events.purpose_code), events.purpose_code, '') as purpose_code,
            from {{ events }} as events
            inner join {{ ref('int_stops__subjects') }} as subjects on events.subject_key = subjects.subject_key
            inner join {{ ref('int_stops__persons') }} as stops on subjects.person_key = stops.person_key
            where
                stops.right_type in ('{{ rights | join("', '") }}')
                and events.occurred_at > stops.first_stopped_at
                and ({{ condition }})
        ) as asked
        asof inner join {{ ref('int_stops__stretches') }} as stretches
            on
                asked.person_key = stretches.person_key
                and asked.right_type = stretches.right_type
                and asked.purpose_code = stretches.purpose_code
                and asked.occurred_at >= stretches.begins_at
        where asked.occurred_at < coalesce(stretches.ended_at, timestamptz 'infinity')
        group by asked.namespace, asked.event_id
    )
{%- endmacro %}
