{#- The days that a roll passed over, with the names of the holidays: per calendar, end of the period and due date of `requests`. -#}
{% macro adjustment_days(requests) -%}
select
    rolled.calendar,
    rolled.unrolled_due_date,
    rolled.due_date,
    string_agg(
        strftime(rolled.day, '%A ') || {{ date_in_words('rolled.day') }}
        || coalesce(' (' || {{ json_text('calendar_days.holiday_name') }} || ')', ''),
        ', ' order by rolled.day
    ) as days_text,
from (
    select calendar, unrolled_due_date, due_date, cast(unnest(range(unrolled_due_date, due_date, interval 1 day)) as date) as day
    from (select distinct calendar, unrolled_due_date, due_date from {{ requests }} where unrolled_due_date < due_date)
) as rolled
inner join {{ ref('int_calendar__days') }} as calendar_days
    on rolled.calendar = calendar_days.calendar and rolled.day = calendar_days.day
group by rolled.calendar, rolled.unrolled_due_date, rolled.due_date
{%- endmacro %}
