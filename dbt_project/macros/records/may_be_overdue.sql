{#- Whether a record set that has a schedule is possibly retained beyond it. `states` is a row of record_states. -#}
{% macro may_be_overdue(states) -%}
{{ states }}.schedule_id is not null
and (
    {{ states }}.trigger_overdue
    or {{ states }}.held_when_overdue
    or len({{ states }}.holds_not_reviewed) > 0
    or {{ states }}.activity_looks_automatic
)
{%- endmacro %}
