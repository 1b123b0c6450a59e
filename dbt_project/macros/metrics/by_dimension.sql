{#-
Which dimension a grouping set stands for, and its value: for `group by {{ by_dimension_sets(...) }}`.
A missing value is `unknown`, so that no unit falls out of a dimension.
-#}
{% macro dimension_columns(dimensions) -%}
case
        {%- for dimension in dimensions %}
        when grouping({{ dimension }}) = 0 then '{{ dimension }}'
        {%- endfor %}
        else 'all'
    end as dimension,
    case
        {%- for dimension in dimensions %}
        when grouping({{ dimension }}) = 0 then coalesce({{ dimension }}, 'unknown')
        {%- endfor %}
        else 'all'
    end as dimension_value
{%- endmacro %}

{#- The value of a dimension of one's own, a row of int_metrics__own_dimensions, where `relation` states it. -#}
{% macro own_dimension_value(relation) -%}
coalesce(({{ relation }}.dimensions ->> own_dimensions.dimension), 'unknown')
{%- endmacro %}

{% macro dimension_sets(keys, dimensions) -%}
grouping sets (
        ({{ keys | join(', ') }})
        {%- for dimension in dimensions %},
        ({{ (keys + [dimension]) | join(', ') }})
        {%- endfor %}
    )
{%- endmacro %}
