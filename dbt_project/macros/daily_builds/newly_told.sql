{#-
What of a log is new to a build: what landed or happened since the last one (run.build_state), and what was told otherwise.
-#}

{#- Which rows of a log have newly landed or newly happened since the last build: `arriving` is newly_arriving of the log, joined
to them by batch_id. Few batches hold such rows, so few files are opened. -#}
{% macro newly_arriving(log) -%}
(
        select
            batches.batch_id,
            batches.seq > coalesce((select known_seq from {{ source('run', 'build_state') }}), -1) as is_new,
        from {{ ref('stg_batches') }} as batches
        where batches.log = '{{ log }}' and (is_new or batches.last_event_at > (select as_of from {{ source('run', 'build_state') }}))
    )
{%- endmacro %}

{% macro is_new_or_newly_past(arriving, events) -%}
(
        {{ arriving }}.is_new
        or (
            {{ events }}.occurred_at > (select as_of from {{ source('run', 'build_state') }})
            and {{ events }}.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
        )
    )
{%- endmacro %}

{#- The events of which another version landed since the last build. -#}
{% macro newly_contested(log) -%}
(
        select versions.namespace, versions.event_id
        from {{ ref('stg_' ~ log ~ '__contested') }} as versions
        inner join {{ ref('stg_batches') }} as batches using (batch_id)
        where batches.seq > coalesce((select known_seq from {{ source('run', 'build_state') }}), -1)
    )
{%- endmacro %}

{#- The landed rows of a log of which this build may say something else than the last one did: those that newly landed or newly
happened, and every version of an event of which another one landed. -#}
{% macro rows_to_look_at_again(log, columns) -%}
select events.{{ columns | join(', events.') }}
    from {{ source('landing', log) }} as events
    inner join {{ newly_arriving(log) }} as arriving using (batch_id)
    where {{ is_new_or_newly_past('arriving', 'events') }}
    union all
    select {{ columns | join(', ') }}
    from {{ ref('stg_' ~ log ~ '__contested') }}
    semi join {{ newly_contested(log) }} as newly using (namespace, event_id)
{%- endmacro %}

{#- The logs with such events. -#}
{% macro logs_told_otherwise() -%}
{%- for log in all_logs() %}
select distinct '{{ log }}' as log from {{ newly_contested(log) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro forget_logs_told_otherwise() -%}
{%- if not execute or is_daily_build() -%}
delete from {{ this }} where log in ({{ logs_told_otherwise() }})
{%- endif -%}
{%- endmacro %}

{#- The events of a log that count, of which this build knows a version that the last one did not; all of them in a full build. -#}
{% macro events_newly_told(log) -%}
{%- if not execute or is_daily_build() -%}
select events.*
    from {{ ref('stg_' ~ log ~ '__events') }} as events
    semi join (select * from {{ newly_arriving(log) }} where is_new) as arriving using (batch_id)
    anti join {{ newly_contested(log) }} as contested using (namespace, event_id)
    union all by name
    select events.* exclude (verdict)
    from {{ ref('stg_' ~ log ~ '__contested') }} as events
    semi join {{ newly_contested(log) }} as contested using (namespace, event_id)
    where events.verdict = 'counts'
{%- else -%}
select * from {{ ref('stg_' ~ log ~ '__events') }}
{%- endif -%}
{%- endmacro %}

{% macro forget_events_told_otherwise() -%}
{%- if not execute or is_daily_build() -%}
delete from {{ this }} where (log, namespace, event_id) in (
    {%- for log in all_logs() %}
    select ('{{ log }}', contested.namespace, contested.event_id) from {{ newly_contested(log) }} as contested
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)
{%- endif -%}
{%- endmacro %}
