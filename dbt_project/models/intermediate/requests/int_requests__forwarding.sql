-- By when a request about data that is held for a customer is to be passed on: the pack's number of working days after its receipt by
-- the calendar of the place, by Monday to Friday where there is none or it does not reach so far.
with
settings as (select forwarding_working_days as working_days from {{ source('pack', 'settings') }}),

requests as (
    select unit_no, place_calendar, received_date, least(isodow(received_date), 5) as weekday
    from {{ ref('int_requests__units') }}
    where role = 'processor'
),

calendar_days as (select calendar, day, is_working_day, workday_number from {{ ref('int_calendar__days') }}),

working_days as (select calendar, day, workday_number from calendar_days where is_working_day)

select
    requests.unit_no,
    coalesce(
        due.day,
        -- From the last weekday on or before the receipt, with a weekend for every five weekdays passed.
        requests.received_date - cast(isodow(requests.received_date) - requests.weekday as integer)
        + cast(settings.working_days + 2 * ((requests.weekday - 1 + settings.working_days) // 5) as integer)
    ) as forwarding_due_date,
from requests
cross join settings
left join calendar_days as received
    on requests.place_calendar = received.calendar and requests.received_date = received.day
left join working_days as due
    on requests.place_calendar = due.calendar and received.workday_number + settings.working_days = due.workday_number
