{#- The decisions about consent: of several at one instant the last one in this list counts. -#}
{% macro consent_decisions() -%}
{{ return(event_types('consents', 'decision')) }}
{%- endmacro %}

{% macro place_of_decision(event_type) -%}
list_position({{ text_list(consent_decisions()) }}, {{ event_type }})
{%- endmacro %}
