{#- DuckDB replaces like with like: a model that was a view and is now a table, or the other way round, goes first. -#}
{% macro drop_other_type(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
{%- endmacro %}
