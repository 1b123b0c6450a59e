-- The periods that what is placed in a month belongs to: the month, its quarter and its year, as far as they have begun at
-- as_of, and to_date, which also holds what has no month (null). `is_last`: as the month stands at its end, so does the period.
with
instants as (select date_trunc('month', as_of at time zone time_zone)::date as this_month from {{ source('run', 'run_instants') }}),

months as (
    select month_start from {{ ref('int_metrics__months_with_rows') }}
    union
    select month_start from {{ ref('int_metrics__months') }}
),

periods as (select * from {{ ref('int_metrics__periods') }})

select
    months.month_start,
    periods.*,
    coalesce(
        months.month_start = least(coalesce(periods.period_end - interval 1 month, instants.this_month), instants.this_month), false
    ) as is_last,
from months
cross join instants
inner join periods
    on
        periods.period_grain = 'to_date'
        or (months.month_start >= periods.period_start and months.month_start < periods.period_end)
