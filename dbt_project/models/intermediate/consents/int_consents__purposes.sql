-- The entries of the register of purposes with their dates as instants: a register date begins at the organisation's midnight.
-- Converting a few dates is cheaper than converting the instant of every event.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

purposes as (select * from {{ source('pack', 'purposes') }}),

dated_purposes as (
    select
        purposes.*,
        {{ day_begins('purposes.valid_from', 'instants.time_zone') }} as begins_at,
        {{ day_begins('purposes.valid_to', 'instants.time_zone') }} as ends_at,
    from purposes
    cross join instants
)

select
    purpose_code,
    consent_valid_days,
    coalesce(withdrawal_hours, 72) as withdrawal_hours,
    list_sort(list_distinct(systems)) as systems,
    coalesce(begins_at, timestamptz '-infinity') as in_force_from,
    coalesce(ends_at, timestamptz 'infinity') as in_force_until,
from dated_purposes
