{#-
What a daily build computes: of a fact that the last build left, only what is touched since; all of it in a full build, and where
the fact is not there. What is touched is told by int_subjects__touched, int_requests__touched, int_records__touched and
int_disclosures__touched. A fact that is carried on forgets what is touched before it takes in what is computed again:

    {{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail',
        pre_hook="{{ forget('int_subjects__touched', ['subject_key']) }}") }}
    ... from events {{ only_touched('int_subjects__touched', ['subject_key']) }}

Whether a daily build may be made at all is decided before it begins (orchestration/carrying_on.py).
-#}

{#- Whether there is such a fact of the last build; the model's own where none is named. -#}
{% macro is_daily_build(fact=none) -%}
    {%- if not execute or flags.FULL_REFRESH -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(left_by_the_last_build(fact or model.name) is not none) }}
{%- endmacro %}

{% macro left_by_the_last_build(fact) -%}
    {%- if fact.startswith('fct_') -%}
        {{ return(adapter.get_relation(database='outgoing', schema='marts', identifier=fact)) }}
    {%- endif -%}
    {{ return(adapter.get_relation(database=target.database, schema='intermediate', identifier=fact)) }}
{%- endmacro %}

{#- A table as the last build left it, read by its name and not by ref: what is asked for is what this build is about to change.
`columns` says the type of each. Without rows where there is none, and in a full build. -#}
{% macro rows_of_the_last_build(fact, columns) -%}
{%- if is_daily_build(fact) -%}
select {{ columns.keys() | join(', ') }} from {{ left_by_the_last_build(fact) }}
{%- else -%}
select {% for name, type in columns.items() %}cast(null as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}{% endfor %} where false
{%- endif -%}
{%- endmacro %}

{#- Written while parsing, too: dbt then knows what is read, whichever build it is. `called` says what else a key is called. -#}
{% macro only_touched(touched, keys, fact=none, called={}) -%}
{%- if not execute or is_daily_build(fact) -%}
semi join {{ ref(touched) }} as touched
{%- if called %} on {% for key in keys %}{{ called[key] }} = touched.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- else %} using ({{ keys | join(', ') }})
{%- endif %}
{%- endif -%}
{%- endmacro %}

{#- What is computed again goes first, so that what is no longer there goes too. -#}
{% macro forget(touched, keys, called={}) -%}
{%- if not execute or is_daily_build() -%}
delete from {{ this }} as kept
using {{ ref(touched) }} as touched
where {% for key in keys %}kept.{{ called.get(key, key) }} = touched.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endif -%}
{%- endmacro %}

{#- What had happened by as_of. An event dated more than five minutes after it landed moves nothing. -#}
{% macro has_happened(events) -%}
{{ events }}.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
    and not {{ is_dated_ahead(events) }}
{%- endmacro %}

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
