{#- The place of an event in the contract's list of kinds, which orders events of one instant. -#}
{% macro incident_event_order() -%}
list_position(
                ['occurred', 'detected', 'contained', 'assessed_no_risk', 'authority_notified', 'subjects_notified', 'closed'],
                event_type
            )
{%- endmacro %}
