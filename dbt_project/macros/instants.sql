{#- Arithmetic with instants, which a change of clocks does not move. -#}

{#- The first instant of a local day. Where clocks are put back to midnight it strikes twice, and DuckDB takes the second. -#}
{% macro day_begins(day, time_zone) -%}
case
    when cast(timezone({{ time_zone }}, timezone({{ time_zone }}, cast({{ day }} as timestamp)) - interval 1 hour) as date) = {{ day }}
        then timezone({{ time_zone }}, cast({{ day }} as timestamp)) - interval 1 hour
    else timezone({{ time_zone }}, cast({{ day }} as timestamp))
end
{%- endmacro %}

{#- n hours after an instant. A thousand years stand for ever, so that no number of a pack leads out of the calendar. -#}
{% macro hours_after(instant, hours) -%}
make_timestamptz(epoch_us({{ instant }}) + least({{ hours }}, 8760000) * 3600000000)
{%- endmacro %}
