{#- A ground of denial that is none of the contract's seven: missing, `other`, or a reason for something else. -#}
{% macro is_without_ground(denial_reason) -%}
coalesce({{ denial_reason }} not in {{ known_codes(denial_grounds()) }}, true)
{%- endmacro %}
