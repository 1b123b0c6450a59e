{#- The logs whose facts change with a person or an event of theirs and in no other way, so that their findings follow these keys.
Their findings grow with what was done; those of other logs last, end, or are few, and are replaced as a whole. -#}
{% macro logs_with_followed_findings() -%}
{{ return(['disclosures', 'collections', 'processing']) }}
{%- endmacro %}

{% macro is_followed_finding(entity) -%}
split_part({{ entity }}, '/', 1) in ('{{ logs_with_followed_findings() | join("', '") }}')
{%- endmacro %}

{#- The facts' findings of entities in int_findings__changed, and of every entity whose findings are not followed; nothing in a full
refresh. -#}
{% macro only_changed_findings() -%}
{%- if not execute or is_incremental_build() -%}
where not {{ is_followed_finding('entity') }} or entity in (select entity from {{ ref('int_findings__changed') }})
{%- endif -%}
{%- endmacro %}
