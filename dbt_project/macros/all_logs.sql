{#- The nine logs of the contract. -#}
{% macro all_logs() %}
{{ return([
    'requests', 'consents', 'disclosures', 'retention', 'collections', 'processing', 'incidents', 'policies', 'subject_links',
]) }}
{% endmacro %}
