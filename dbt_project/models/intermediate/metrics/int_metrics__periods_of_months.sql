-- The periods that what is placed in a month belongs to: the month, its quarter and its year, as far as they have begun at
-- as_of, and to_date, which also holds what has no month (null).
with
told as (select month_start from {{ ref('int_metrics__told_months') }}),
periods as (select * from {{ ref('int_metrics__periods') }})

select told.month_start, periods.*
from told
inner join periods
    on
        periods.period_grain = 'to_date'
        or (told.month_start >= periods.period_start and told.month_start < periods.period_end)
