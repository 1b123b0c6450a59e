{#- The key of a finding: the same cause has the same key in every run. -#}
{% macro finding_key(code, entity, cause) -%}
md5({{ code }} || '|' || {{ entity }} || '|' || {{ cause }})
{%- endmacro %}
