{#- Calendar arithmetic in the law's words. Business days are found on int_calendar__days, never by a loop. -#}

{#- n months (clamped to the month's last day) or n days after a date; null for business days. -#}
{% macro add_period(day, n, unit) -%}
case {{ unit }}
    when 'month' then cast({{ day }} + to_months(cast({{ n }} as integer)) as date)
    when 'day' then {{ day }} + cast({{ n }} as integer)
end
{%- endmacro %}

{#- The day on which a period ends that may not end on `day`; `calendar_day` is that day's row of int_calendar__days. -#}
{% macro rolled(day, roll, calendar_day) -%}
case {{ roll }}
    when 'weekend_or_holiday' then {{ calendar_day }}.open_after_weekend_or_holiday
    when 'sunday_or_holiday' then {{ calendar_day }}.open_after_sunday_or_holiday
    when 'holiday' then {{ calendar_day }}.open_after_holiday
    else {{ day }}
end
{%- endmacro %}

{#- 10 March 2026 -#}
{% macro date_in_words(day) -%}
strftime({{ day }}, '%-d %B %Y')
{%- endmacro %}
