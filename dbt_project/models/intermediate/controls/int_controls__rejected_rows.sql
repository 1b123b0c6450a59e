-- Rows of each log that were refused and may belong to a period: those that happened before its end, and those whose time
-- can't be read.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
periods as (select * from {{ ref('int_metrics__periods') }}),

refused as (
    select
        quarantine.log,
        date_trunc('month', quarantine.occurred_at at time zone instants.time_zone)::date as month_start,
        count(*) as refused_rows
    from {{ source('landing', 'quarantine') }} as quarantine
    cross join instants
    group by all
)

select refused.log, periods.period_grain, periods.period_start, sum(refused.refused_rows)::bigint as refused_rows
from refused
inner join periods on periods.period_end is null or refused.month_start is null or refused.month_start < periods.period_end
group by all
