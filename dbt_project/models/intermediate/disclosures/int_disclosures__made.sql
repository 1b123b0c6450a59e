-- Every disclosure that had happened by as_of, with its day. A view: it is read for few of its columns at a time, and a copy of
-- all of them would take longer than finding the day again.
{{ config(materialized='view') }}

with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

events as (select * from {{ ref('stg_disclosures__events') }})

select
    events.*,
    cast(timezone(instants.time_zone, events.occurred_at) as date) as occurred_date,
from events
cross join instants
where {{ has_happened('events') }}
