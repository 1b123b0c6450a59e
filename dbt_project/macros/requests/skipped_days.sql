{#- The step of a trace that names the days of a period in business days which do not count: holidays by name and date, weekends as ranges.
Per rule, calendar, start and end of `beginnings`; none where every day counts. -#}
{% macro skipped_steps(beginnings) -%}
select
    skipped.rule_id,
    skipped.calendar,
    skipped.start_date,
    skipped.base_due_date,
    {{ json_step(
        'skipped', 'null',
        "'Not counted: ' || concat_ws('; ', " ~ named_days('holiday', 'not skipped.is_weekend') ~ ', '
        ~ named_days('weekend', 'skipped.is_weekend') ~ ") || '.'",
        "'calendar ' || skipped.calendar || coalesce(', ' || " ~ json_text("any_value(nullif(calendars.name, ''))") ~ ", '')",
    ) }} as skipped_step,
from (
    select
        periods.*,
        calendar_days.is_weekend,
        min(calendar_days.day) as first_day,
        max(calendar_days.day) as last_day,
        any_value(calendar_days.holiday_name) as holiday_name,
    from (
        select distinct beginnings.rule_id, beginnings.calendar, beginnings.start_date, beginnings.base_due_date
        from {{ beginnings }} as beginnings
        inner join rules on beginnings.rule_id = rules.rule_id
        where rules.response_unit = 'business_day' and beginnings.base_due_date is not null
    ) as periods
    inner join {{ ref('int_calendar__days') }} as calendar_days
        on
            periods.calendar = calendar_days.calendar
            and calendar_days.day > periods.start_date
            and calendar_days.day < periods.base_due_date
            and not calendar_days.is_working_day
    -- The days of one weekend are one range, any other holiday is one.
    group by
        periods.rule_id, periods.calendar, periods.start_date, periods.base_due_date, calendar_days.is_weekend,
        if(calendar_days.is_weekend, cast(date_trunc('week', calendar_days.day) as date), calendar_days.day)
) as skipped
inner join {{ source('pack', 'calendars') }} as calendars on skipped.calendar = calendars.calendar
group by skipped.rule_id, skipped.calendar, skipped.start_date, skipped.base_due_date
{%- endmacro %}

{#- 2 holidays: 11 November 2025 (Veterans Day), 27 November 2025 (Thanksgiving Day) -#}
{% macro named_days(word, chosen) -%}
count(*) filter ({{ chosen }}) || ' {{ word }}' || if(count(*) filter ({{ chosen }}) = 1, ': ', 's: ')
    || string_agg(
        case
            when skipped.first_day = skipped.last_day then ''
            when month(skipped.first_day) = month(skipped.last_day) then strftime(skipped.first_day, '%-d to ')
            when year(skipped.first_day) = year(skipped.last_day) then strftime(skipped.first_day, '%-d %B to ')
            else {{ date_in_words('skipped.first_day') }} || ' to '
        end
        || {{ date_in_words('skipped.last_day') }}
        || if(skipped.is_weekend, '', coalesce(' (' || {{ json_text('skipped.holiday_name') }} || ')', '')),
        ', ' order by skipped.first_day
    ) filter ({{ chosen }})
{%- endmacro %}
