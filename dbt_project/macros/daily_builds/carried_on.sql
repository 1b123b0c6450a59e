{#-
What a daily build computes: of a fact that the last build left, only what is touched since; all of it in a full build, and where
the fact is not there. What is touched is told by int_subjects__touched, int_requests__touched, int_records__touched and
int_disclosures__touched. A fact that is carried on forgets what is touched before it takes in what is computed again:

    {{ config(materialized='incremental',
        pre_hook="{{ forget('int_subjects__touched', ['subject_key']) }}") }}
    ... from events {{ only_touched('int_subjects__touched', ['subject_key']) }}

Whether a daily build may be made at all is decided before it begins (orchestration/carrying_on.py).
-#}

{#- Whether everything is made again, so that it does not matter what is touched. A unit test is given all that there is. -#}
{% macro is_full_build() -%}
    {{ return(not execute or flags.FULL_REFRESH or model.resource_type == 'unit_test') }}
{%- endmacro %}

{#- Whether there is such a fact of the last build; the model's own where none is named. -#}
{% macro is_daily_build(fact=none) -%}
    {%- if is_full_build() -%}
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
