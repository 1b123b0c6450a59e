{#- Whether somebody was notified of an incident by `due_at`. The relation has assessed_no_risk_at and as_of. -#}
{% macro notification_status(due_at, notified_at) -%}
case
    when {{ due_at }} is null then 'nothing_due'
    when assessed_no_risk_at is not null then 'not_required'
    when {{ notified_at }} is not null then if({{ notified_at }} <= {{ due_at }}, 'on_time', 'late')
    else if(as_of <= {{ due_at }}, 'open_in_time', 'open_overdue')
end
{%- endmacro %}
