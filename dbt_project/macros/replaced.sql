{#-
Tables and views that DuckDB replaces in one statement, under their own names: the old one shows until the new one is whole. dbt's
own materialisations build beside the old relation, rename both and drop one: five statements, and as many macro contexts. They
stay for the marts, of which dbt enforces the contract, and for what is incremental.
-#}

{% materialization replaced_table, adapter="duckdb" %}
    {{ return(replaced('table')) }}
{% endmaterialization %}

{% materialization replaced_view, adapter="duckdb" %}
    {{ return(replaced('view')) }}
{% endmaterialization %}

{% macro replaced(type) -%}
    {%- set target = this.incorporate(type=type) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        create or replace {{ type }} {{ target }} as (
            {{ compiled_code }}
        );
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}
