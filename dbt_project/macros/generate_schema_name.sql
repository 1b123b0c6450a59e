{#- A schema has the name of its folder (staging, intermediate, marts), without the target's name before it. -#}
{%- macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro -%}
