{#- The facts' findings of entities in int_findings__changed, and of every entity that is no disclosure; nothing in a full refresh.
Findings of disclosures grow with what was shared; all others are few. -#}
{% macro only_changed_findings() -%}
{%- if not execute or is_incremental_build() -%}
where not starts_with(entity, 'disclosures/') or entity in (select entity from {{ ref('int_findings__changed') }})
{%- endif -%}
{%- endmacro %}
