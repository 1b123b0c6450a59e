{#-
The rules of retention at an instant, each defined once: for as_of, which the models of records ask about, and for any earlier
instant, which records_at asks about. A relation `records` has the columns of int_records__timeline as they were known at
`state_at`, whose local date is `state_date`. `keys` are the columns that identify its rows: namespace and record_id, and state_at where
a record set is looked at more than once.
-#}
{% macro record_keys() -%}
{{ return(['namespace', 'record_id']) }}
{%- endmacro %}

{% macro same_record(left, right, keys) -%}
{%- for key in keys %}{{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{% macro columns_of(relation, columns) -%}
{%- for column in columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}
