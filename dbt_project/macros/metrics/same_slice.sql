{#- Whether two relations have the same value of a dimension in the same period. No period means the state at as_of. -#}
{% macro same_slice(left, right) -%}
{{ left }}.period_grain = {{ right }}.period_grain
            and {{ left }}.period_start is not distinct from {{ right }}.period_start
            and {{ left }}.dimension = {{ right }}.dimension
            and {{ left }}.dimension_value = {{ right }}.dimension_value
{%- endmacro %}
