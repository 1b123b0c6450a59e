{#- The logs whose facts are replaced by event, so that their findings are. -#}
{% macro logs_followed_by_event() -%}
{{ return(['disclosures', 'collections', 'processing']) }}
{%- endmacro %}

{#- Whether the findings of an entity follow changed keys: those of these logs, of decisions about consent, and of record sets, which
grow with what was done. Those of all others are fewer, and are compared with the previous build (int_findings__fingerprints). -#}
{% macro is_followed_finding(entity) -%}
({% for log in logs_followed_by_event() + ['consents', 'retention'] %}starts_with({{ entity }}, '{{ log }}/'){{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}
