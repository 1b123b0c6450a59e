-- The holiday calendars that some request needs, with numbered working days, so that counting and rolling are joins and
-- not loops. A calendar is built once for a pack: a changed pack is a full refresh.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
) }}

with
calendars_in_use as (
    select calendar from {{ ref('int_requests__units') }}
    union
    select place_calendar from {{ ref('int_requests__units') }} where role = 'processor'
),

calendars as (
    select calendar, first_day, last_day
    from {{ source('pack', 'calendars') }}
    semi join calendars_in_use using (calendar)
    {% if is_incremental() %}where calendar not in (select distinct calendar from {{ this }}){% endif %}
),

holidays as (
    select calendar, day, name as holiday_name
    from {{ source('pack', 'holidays') }}
    semi join calendars using (calendar)
),

days as (
    select calendar, first_day + cast(unnest(range(last_day - first_day + 1)) as integer) as day
    from calendars
),

kinds as (
    select
        days.calendar,
        days.day,
        holidays.holiday_name,
        isodow(days.day) >= 6 as is_weekend,
        isodow(days.day) = 7 as is_sunday,
        holidays.day is not null as is_holiday,
    from days
    left join holidays on days.calendar = holidays.calendar and days.day = holidays.day
),

numbered_days as (
    select
        *,
        cast(sum(cast(not is_weekend and not is_holiday as integer)) over up_to_now as integer) as workday_number,
        first_value(case when not is_weekend and not is_holiday then day end ignore nulls) over from_now_on
            as open_after_weekend_or_holiday,
        first_value(case when not is_sunday and not is_holiday then day end ignore nulls) over from_now_on
            as open_after_sunday_or_holiday,
        first_value(case when not is_holiday then day end ignore nulls) over from_now_on as open_after_holiday,
    from kinds
    window
        up_to_now as (partition by calendar order by day rows between unbounded preceding and current row),
        from_now_on as (partition by calendar order by day rows between current row and unbounded following)
)

select
    calendar,
    day,
    is_weekend,
    is_holiday,
    holiday_name,
    not is_weekend and not is_holiday as is_working_day,
    workday_number,
    open_after_weekend_or_holiday,
    open_after_sunday_or_holiday,
    open_after_holiday,
from numbered_days
