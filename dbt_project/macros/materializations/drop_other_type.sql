{#- Drops a view that is now a table, or a table that is now a view: DuckDB replaces only a relation of the same type. -#}
{% macro drop_other_type(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
{%- endmacro %}
