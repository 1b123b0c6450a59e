{#- The place of an event in the contract's list of kinds, which orders events of one instant. -#}
{% macro incident_event_order() -%}
list_position({{ text_list(contract_codes('incidents', 'event_type')) }}, event_type)
{%- endmacro %}
