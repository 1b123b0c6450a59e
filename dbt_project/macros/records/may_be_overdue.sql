{#- Whether a record set that has a schedule may have been kept too long for all that anybody can say. `states` is a row of record_states. -#}
{% macro may_be_overdue(states) -%}
{{ states }}.schedule_id is not null
and (
    {{ states }}.trigger_overdue
    or {{ states }}.held_when_overdue
    or len({{ states }}.holds_not_reviewed) > 0
    or {{ states }}.activity_looks_automatic
)
{%- endmacro %}
