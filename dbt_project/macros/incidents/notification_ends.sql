{#- When a period of period_n period_units ends: so many hours after it begins, or with the last instant of its last local day. -#}
{% macro notification_ends(begins_at, last_day) -%}
case
        when period_unit = 'hour' then {{ hours_after(begins_at, 'period_n') }}
        else make_timestamptz(epoch_us({{ day_begins('(' ~ last_day ~ ' + 1)', 'time_zone') }}) - 1)
    end
{%- endmacro %}
