-- When each system was last scanned: the latest `seen` of any record set that was created in it.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

scans as (
    select system, max(last_seen_at) as last_seen_at
    from {{ ref('int_records__timeline') }}
    where last_seen_at is not null
    group by system
)

select scans.*, cast(timezone(instants.time_zone, scans.last_seen_at) as date) as last_seen_date
from scans
cross join instants
