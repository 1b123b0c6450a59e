-- By when a request about data that is held for a customer is to be passed on: five working days after its receipt by the calendar
-- of the place, by Monday to Friday where there is none or it does not reach so far.
{{ config(materialized='table') }}

with
requests as (
    select unit_no, place_calendar, received_date
    from {{ ref('int_requests__units') }}
    where role = 'processor'
),

calendar_days as (select calendar, day, is_working_day, workday_number from {{ ref('int_calendar__days') }}),

working_days as (select calendar, day, workday_number from calendar_days where is_working_day)

select
    requests.unit_no,
    coalesce(
        fifth.day,
        requests.received_date + case isodow(requests.received_date) when 6 then 6 when 7 then 5 else 7 end
    ) as forwarding_due_date,
from requests
left join calendar_days as received
    on requests.place_calendar = received.calendar and requests.received_date = received.day
left join working_days as fifth
    on requests.place_calendar = fifth.calendar and received.workday_number + 5 = fifth.workday_number
