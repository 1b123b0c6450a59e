{#- The logs whose facts are replaced by event, so that their findings are. -#}
{% macro logs_followed_by_event() -%}
{{ return(['disclosures', 'collections', 'processing']) }}
{%- endmacro %}

{#- Whether the findings of an entity follow changed keys: those of these logs, of decisions about consent, and of record sets. They
grow with what was done; all others are fewer and are replaced as a whole. -#}
{% macro is_followed_finding(entity) -%}
({% for log in logs_followed_by_event() + ['consents', 'retention'] %}starts_with({{ entity }}, '{{ log }}/'){{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- The findings of entities in int_findings__changed, and of every entity whose findings are not followed; nothing in a full
refresh. `fact`: which table shows whether there was a previous build; the model's own by default. -#}
{% macro only_changed_findings(fact=none) -%}
{%- set incremental = is_incremental_build(fact) -%}
{%- if not execute or incremental -%}
where not {{ is_followed_finding('entity') }} or entity in (select entity from {{ ref('int_findings__changed') }})
{%- endif -%}
{%- endmacro %}
