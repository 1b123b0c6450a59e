-- Rejected rows of each log that may belong to a period: those that happened before its end, and those without a readable
-- time.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

periods as (select * from {{ ref('int_metrics__periods') }}),

rejected_by_month as (
    select
        quarantine.log,
        date_trunc('month', quarantine.occurred_at at time zone instants.time_zone)::date as month_start,
        count(*) as refused_rows
    from {{ source('landing', 'quarantine') }} as quarantine
    cross join instants
    group by all
)

select rejected_by_month.log, periods.period_grain, periods.period_start, sum(rejected_by_month.refused_rows)::bigint as refused_rows
from rejected_by_month
inner join periods on periods.period_end is null or rejected_by_month.month_start is null or rejected_by_month.month_start < periods.period_end
group by all
