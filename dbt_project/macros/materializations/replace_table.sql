{#-
Replaces a table in one statement, under its own name: DuckDB shows the old one until the new one is complete. dbt-duckdb's way
builds beside the old table, renames both and drops one: five statements, and as many macro contexts, which take longer.
-#}
{% macro replace_table(target) -%}
{%- if config.get('contract').enforced -%}
{{ get_assert_columns_equivalent(compiled_code) }}
create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
{%- else -%}
create or replace table {{ target }} as (
    {{ compiled_code }}
);
{%- endif -%}
{%- endmacro %}

{#-
Rows taken into a table that is kept. With a unique key those of the same key go first, all in the same transaction as what the
model's hooks take out.
-#}
{% macro take_in(target, unique_key) -%}
{%- if config.get('contract').enforced -%}
{{ get_assert_columns_equivalent(compiled_code) }}
{%- endif -%}
{%- if unique_key -%}
{%- set arriving = target.identifier ~ '__arriving' -%}
create or replace temporary table {{ arriving }} as (
    {{ compiled_code }}
);
delete from {{ target }} where {{ unique_key }} in (select {{ unique_key }} from {{ arriving }});
insert into {{ target }} by name select * from {{ arriving }};
drop table {{ arriving }};
{%- else -%}
insert into {{ target }} by name (
    {{ compiled_code }}
);
{%- endif -%}
{%- endmacro %}
