-- The ends of the months: the local date that closes each, and the last microsecond of it. The month of as_of ends at as_of.
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }})

select
    months.month_start,
    least(cast(months.month_start + interval 1 month - interval 1 day as date), cast(timezone(instants.time_zone, instants.as_of) as date)) as last_date,
    least(
        {{ day_begins('cast(months.month_start + interval 1 month as date)', 'instants.time_zone') }} - interval 1 microsecond, instants.as_of
    ) as ends_at,
from {{ ref('int_metrics__months') }} as months
cross join instants
