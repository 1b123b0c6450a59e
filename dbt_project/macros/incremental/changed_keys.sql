{#-
How an incremental model replaces the rows of changed keys and no others. int_subjects__changed, int_requests__changed,
int_records__changed, int_record_states__changed, int_disclosures__changed, int_collections__changed, int_processing__changed and
int_findings__changed hold the changed keys. The
strategy deletes their rows before it inserts the recomputed ones, so that a row that no longer exists disappears:

    {{ config(materialized='incremental', incremental_strategy='changed_keys',
        meta={'changed_keys': {'int_subjects__changed': ['subject_key']}}) }}
    ... from events {{ only_changed('int_subjects__changed', ['subject_key']) }}

A model that reads but rows that such a model recomputes states so, and one that is a sum over its rows, or comes of each of them by
itself, states by what a run maintains it (orchestration/changed_rows.py); dbt alone reads all rows and makes the whole:

    meta={'changed_keys': ..., 'inserted_rows_of': ['fct_consents']}
    meta={'maintained': {'over': ['fct_consents'], 'sums': ['units']}}: the first sum is how many rows there are
    meta={'maintained': {'over': ['fct_consents'], 'rows_by': ['entity']}}: the key by which rows come of one row

Whether a build is incremental or a full refresh is decided before it begins (orchestration/build_mode.py).
-#}

{#- dbt's hook for incremental_strategy='changed_keys'. meta.changed_keys maps a model of changed keys to its key columns: a list,
or {its column: the column of this model} where the names differ. -#}
{% macro get_incremental_changed_keys_sql(arguments) -%}
{%- for changed, keys in config.get('meta')['changed_keys'].items() %}
delete from {{ arguments.target_relation }} as stored
using {{ ref(changed) }} as changed
where {% for key in keys %}stored.{{ keys[key] if keys is mapping else key }} = changed.{{ key }}{{ ' and ' if not loop.last }}{% endfor %};
{%- endfor %}
insert into {{ arguments.target_relation }} by name select * from {{ arguments.temp_relation }};
{%- endmacro %}

{#- Whether this build recomputes every row, so that no key counts as changed. A unit test is given all rows. -#}
{% macro is_full_refresh() -%}
    {{ return(not execute or flags.FULL_REFRESH or model.resource_type == 'unit_test') }}
{%- endmacro %}

{#- Whether this build only replaces changed keys. `fact`: of which table, as the previous build left it; the model's own by default. -#}
{% macro is_incremental_build(fact=none) -%}
    {%- if execute and is_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if fact is none -%}
        {{ return(is_incremental()) }}
    {%- endif -%}
    {%- set previous = previous_relation(fact) -%}
    {{ return(execute and load_cached_relation(previous) is not none) }}
{%- endmacro %}

{#- A table as the previous build left it. It is a source and no ref, because this build is about to change it. -#}
{% macro previous_relation(fact) -%}
    {{ return(source('previous_intermediate' if fact.startswith('int_') else 'previous_marts', fact)) }}
{%- endmacro %}

{#- Its rows; `columns` maps each column to its type. None in a full refresh and where the table does not exist. -#}
{% macro previous_rows(fact, columns) -%}
{%- if is_incremental_build(fact) -%}
select {{ columns.keys() | join(', ') }} from {{ previous_relation(fact) }}
{%- else -%}
select {% for name, type in columns.items() %}cast(null as {{ type }}) as {{ name }}{{ ', ' if not loop.last }}{% endfor %} where false
{%- endif -%}
{%- endmacro %}

{#- A semi join with changed keys; nothing in a full refresh. Rendered while parsing too, so that dbt has the edge in every build. -#}
{% macro only_changed(changed, keys, fact=none) -%}
{%- set incremental = is_incremental_build(fact) -%}
{%- if not execute or incremental -%}
semi join {{ ref(changed) }} as changed using ({{ keys | join(', ') }})
{%- endif -%}
{%- endmacro %}
