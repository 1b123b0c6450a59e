{#- Whether a row of a register is in force on a day: valid_from is inclusive, valid_to exclusive, empty is open. -#}
{% macro in_force(row, day) -%}
{{ day }} >= coalesce({{ row }}.valid_from, date '0001-01-01') and {{ day }} < coalesce({{ row }}.valid_to, date '9999-12-31')
{%- endmacro %}
