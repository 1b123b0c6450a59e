-- How long each record set must and may be kept, holds left aside: the row of the schedule that governs it, the event from
-- which its period runs, and the contract that shortens it. A view: what it adds is looked up in small tables and counted.
{{ config(materialized='view') }}

with
as_of as (
    select as_of as state_at, cast(timezone(time_zone, as_of) as date) as state_date
    from {{ source('run', 'run_instants') }}
),

records as (
    select timelines.*, as_of.state_at, as_of.state_date
    from {{ ref('int_records__timeline') }} as timelines
    cross join as_of
),

periods as (
    {{ record_periods('records') }}
)

select * from periods
