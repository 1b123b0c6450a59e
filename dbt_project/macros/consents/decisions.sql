{#- What decides about consent, in the contract's order: of decisions of one instant the one that stands last here is the last. -#}
{% macro consent_decisions() -%}
{{ return(['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated']) }}
{%- endmacro %}

{% macro place_of_decision(event_type) -%}
list_position({{ text_list(consent_decisions()) }}, {{ event_type }})
{%- endmacro %}
