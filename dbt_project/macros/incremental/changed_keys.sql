{#-
How an incremental model replaces the rows of changed keys and no others. int_subjects__changed, int_requests__changed,
int_records__changed and int_disclosures__changed hold the changed keys. A model deletes their rows before it inserts the
recomputed ones, so that a row that no longer exists disappears:

    {{ config(materialized='incremental',
        pre_hook="{{ delete_changed('int_subjects__changed', ['subject_key']) }}") }}
    ... from events {{ only_changed('int_subjects__changed', ['subject_key']) }}

Whether a build is incremental or a full refresh is decided before it begins (orchestration/build_mode.py).
-#}

{#- Whether this build recomputes every row, so that no key counts as changed. A unit test is given all rows. -#}
{% macro is_full_refresh() -%}
    {{ return(not execute or flags.FULL_REFRESH or model.resource_type == 'unit_test') }}
{%- endmacro %}

{#- Whether this build only replaces changed keys of a fact: the previous build left it. Default: the model's own table. -#}
{% macro is_incremental_build(fact=none) -%}
    {%- if is_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(previous_relation(fact or model.name) is not none) }}
{%- endmacro %}

{% macro previous_relation(fact) -%}
    {%- if fact.startswith('fct_') -%}
        {{ return(adapter.get_relation(database='outgoing', schema='marts', identifier=fact)) }}
    {%- endif -%}
    {{ return(adapter.get_relation(database=target.database, schema='intermediate', identifier=fact)) }}
{%- endmacro %}

{#- A table as the previous build left it, by its name and not by ref, because this build is about to change it. `columns` maps each
column to its type. No rows in a full refresh and where the table does not exist. -#}
{% macro previous_rows(fact, columns) -%}
{%- if is_incremental_build(fact) -%}
select {{ columns.keys() | join(', ') }} from {{ previous_relation(fact) }}
{%- else -%}
select {% for name, type in columns.items() %}cast(null as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}{% endfor %} where false
{%- endif -%}
{%- endmacro %}

{#- A semi join with changed keys; nothing in a full refresh. Rendered while parsing too, so that dbt has the edge in every build.
`called` maps a key to the column of the model that holds it. -#}
{% macro only_changed(changed, keys, fact=none, called={}) -%}
{%- if not execute or is_incremental_build(fact) -%}
semi join {{ ref(changed) }} as changed
{%- if called %} on {% for key in keys %}{{ called[key] }} = changed.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- else %} using ({{ keys | join(', ') }})
{%- endif %}
{%- endif -%}
{%- endmacro %}

{#- Deletes the rows of changed keys from the model's own table. -#}
{% macro delete_changed(changed, keys, called={}) -%}
{%- if not execute or is_incremental_build() -%}
delete from {{ this }} as kept
using {{ ref(changed) }} as changed
where {% for key in keys %}kept.{{ called.get(key, key) }} = changed.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endif -%}
{%- endmacro %}
