-- How many hours went by until each system confirmed a withdrawal, with the month of the withdrawal and its dimensions. One that has
-- not confirmed has lasted until as_of and has not ended. A view: what reads it needs few of these rows, or their number by hour.
{{ config(materialized='view') }}
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }})

select
    systems.purpose_code,
    systems.source,
    systems.system,
    date_trunc('month', timezone(instants.time_zone, systems.withdrawn_at))::date as withdrawn_month,
    coalesce(systems.hours, (epoch_us(instants.as_of) - epoch_us(systems.withdrawn_at)) / 3600000000) as lasted_hours,
    systems.hours is not null as has_ended,
from {{ ref('fct_withdrawal_systems') }} as systems
cross join instants
