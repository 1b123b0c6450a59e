{#- The key of a finding: the same cause has the same key in every run. A list, since ids may hold whatever joins them. -#}
{% macro finding_key(code, entity, cause) -%}
md5(to_json([{{ code }}, {{ entity }}, {{ cause }}])::varchar)
{%- endmacro %}
