{#- Whether a figure reaches a target; null where there is no figure. -#}
{% macro reaches(figure) -%}
case operator
        when '>=' then {{ figure }} >= target
        when '>' then {{ figure }} > target
        when '<=' then {{ figure }} <= target
        when '<' then {{ figure }} < target
        when '=' then {{ figure }} = target
    end
{%- endmacro %}
