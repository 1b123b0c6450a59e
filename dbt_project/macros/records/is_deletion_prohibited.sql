{#- Whether law or policy forbids to delete a record set at `state_at`: a hold stands, the day until which it must be kept has
not come, or that minimum has not even begun to run. `states` is a row of record_states. On the day itself it may go. -#}
{% macro is_deletion_prohibited(states) -%}
coalesce(
    {{ states }}.on_hold
    or {{ states }}.state_date < {{ states }}.keep_until
    or ({{ states }}.has_minimum and {{ states }}.trigger_at is null),
    false
)
{%- endmacro %}
