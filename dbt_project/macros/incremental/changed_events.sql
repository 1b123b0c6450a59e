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

{#- The winning events of a log that an incremental build recomputes: those of changed persons (int_subjects__changed) and the changed
ones (int_<log>__changed). The latter are in batches that are opened anyway, but for a winning version that landed before another. -#}
{% macro recomputed_events(log) -%}
select events.*
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    semi join {{ ref('int_subjects__changed') }} as changed_subjects using (subject_key)
    union all by name
    select changed_events.*
    from (
        select events.*
        from {{ ref('stg_' ~ log ~ '__events') }} as events
        semi join {{ batches_with_new_events(log) }} as batches using (batch_id)
        union all by name
        select versions.* exclude (verdict)
        from {{ ref('stg_' ~ log ~ '__versions') }} as versions
        anti join {{ batches_with_new_events(log) }} as batches using (batch_id)
        where versions.verdict = 'counts'
    ) as changed_events
    semi join {{ ref('int_' ~ log ~ '__changed') }} as changed using (namespace, event_id)
    anti join {{ ref('int_subjects__changed') }} as changed_subjects using (subject_key)
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
