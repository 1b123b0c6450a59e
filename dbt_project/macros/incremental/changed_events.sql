{#-
Which events of a log changed since the previous build (run.build_state): they landed or came due, or another version of them landed.
-#}

{#- The batches of a log that may hold rows that landed or came due since the previous build; is_new: the whole batch landed since.
They are few, so few files are opened. -#}
{% macro batches_with_new_events(log) -%}
(
        select
            batches.batch_id,
            batches.seq > coalesce((select known_seq from {{ source('run', 'build_state') }}), -1) as is_new,
        from {{ ref('stg_batches') }} as batches
        where batches.log = '{{ log }}' and (is_new or batches.last_event_at > (select as_of from {{ source('run', 'build_state') }}))
    )
{%- endmacro %}

{#- Whether an event landed since the previous build, or its event time lies between the two `as_of`. `batches` are those of
batches_with_new_events, joined by batch_id. -#}
{% macro is_newly_landed_or_newly_due(batches, events) -%}
(
        {{ batches }}.is_new
        or (
            {{ events }}.occurred_at > (select as_of from {{ source('run', 'build_state') }})
            and {{ events }}.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
        )
    )
{%- endmacro %}

{#- The events of which another version landed since the previous build. -#}
{% macro events_with_new_versions(log) -%}
(
        select versions.namespace, versions.event_id
        from {{ ref('stg_' ~ log ~ '__versions') }} as versions
        inner join {{ ref('stg_batches') }} as batches using (batch_id)
        where batches.seq > coalesce((select known_seq from {{ source('run', 'build_state') }}), -1)
    )
{%- endmacro %}

{#- The landed rows of a log whose facts may differ from those of the previous build: rows that landed or came due since, and every
version of an event of which another version landed. -#}
{% macro changed_rows(log, columns) -%}
select events.{{ columns | join(', events.') }}
    from {{ source('landing', log) }} as events
    inner join {{ batches_with_new_events(log) }} as batches using (batch_id)
    where {{ is_newly_landed_or_newly_due('batches', 'events') }}
    union all
    select {{ columns | join(', ') }}
    from {{ ref('stg_' ~ log ~ '__versions') }}
    semi join {{ events_with_new_versions(log) }} as new_versions using (namespace, event_id)
{%- endmacro %}

{#- The winning events of a log that landed or came due since the previous build, and those of which another version landed. -#}
{% macro changed_events(log) -%}
select events.*
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    inner join {{ batches_with_new_events(log) }} as batches using (batch_id)
    anti join {{ events_with_new_versions(log) }} as new_versions using (namespace, event_id)
    where {{ is_newly_landed_or_newly_due('batches', 'events') }}
    union all by name
    select versions.* exclude (verdict)
    from {{ ref('stg_' ~ log ~ '__versions') }} as versions
    semi join {{ events_with_new_versions(log) }} as new_versions using (namespace, event_id)
    where versions.verdict = 'counts'
{%- endmacro %}

{#- The winning events of a log that an incremental build recomputes because they changed, or since the person did
(int_subjects__changed). -#}
{% macro recomputed_events(log) -%}
{{ changed_events(log) }}
    union by name
    select events.*
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    inner join {{ ref('int_subjects__changed') }} as subjects
        on events.subject_key = subjects.subject_key and events.occurred_at >= subjects.changed_from
{%- endmacro %}

{#- The keys of events that an incremental build replaces: those that it recomputes, and those of which another version landed, as the
one that counted may be of somebody else, or none may count. Nothing in a full refresh. -#}
{% macro replaced_events(log) -%}
select namespace, event_id
from {{ ref('int_' ~ log ~ '__recomputed') }}
union
select namespace, event_id
from {{ events_with_new_versions(log) }}
{%- if is_full_refresh() %}
where false
{%- endif %}
{%- endmacro %}

{#- The winning events of a log of which a version landed since the previous build; all of them in a full refresh. -#}
{% macro new_events(log) -%}
{%- if not execute or is_incremental_build() -%}
select events.*
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    semi join (select * from {{ batches_with_new_events(log) }} where is_new) as batches using (batch_id)
    anti join {{ events_with_new_versions(log) }} as new_versions using (namespace, event_id)
    union all by name
    select events.* exclude (verdict)
    from {{ ref('stg_' ~ log ~ '__versions') }} as events
    semi join {{ events_with_new_versions(log) }} as new_versions using (namespace, event_id)
    where events.verdict = 'counts'
{%- else -%}
select * from {{ ref('stg_' ~ log ~ '__events') }}
{%- endif -%}
{%- endmacro %}
