-- Every month with a counted unit, months after as_of included, and one row without a month (null).
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

batches as (
    select
        unnest([batches.first_event_at, batches.landed_at]) as recorded_at,
        instants.time_zone
    from {{ source('landing', 'batches') }} as batches
    cross join instants
)

select month_start
from {{ ref('int_metrics__measures_by_month') }}
union
select date_trunc('month', recorded_at at time zone time_zone)::date
from batches
union
select null
