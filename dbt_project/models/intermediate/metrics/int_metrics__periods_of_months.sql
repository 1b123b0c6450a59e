-- The periods that each month belongs to: itself, its quarter and its year, as far as they have begun at as_of.
with
periods as (select * from {{ ref('int_metrics__periods') }} where period_grain <> 'to_date'),
months as (
    select month_start from {{ ref('int_metrics__months') }}
    union
    select distinct unnest([received_month, due_month, ack_due_month, closed_month]) from {{ ref('int_metrics__requests_cases') }}
)

select months.month_start, periods.*
from months
inner join periods on months.month_start >= periods.period_start and months.month_start < periods.period_end
