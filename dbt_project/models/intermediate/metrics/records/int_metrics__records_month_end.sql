-- Records retained beyond schedule and records without a schedule at each month's end. In the worst case records without a
-- schedule count as retained beyond it, so that a row missing in the schedule never improves a figure. The same holds for sets
-- whose starting event is overdue, that are under a hold without review or placed when the set was overdue, or whose activity
-- looks automatic.
with
month_end_totals as (
    select
        month_start,
        dimension,
        dimension_value,
        coalesce(sum(scheduled), 0)::bigint as scheduled,
        coalesce(sum(unscheduled), 0)::bigint as unscheduled,
        coalesce(sum(doubtful), 0)::bigint as doubtful,
        coalesce(sum(over_records), 0)::bigint as over_retained,
    from {{ ref('int_metrics__records_retained') }}
    group by all
)

select
    'over_retention_rate' as metric_code,
    month_start,
    dimension,
    dimension_value,
    scheduled as units,
    over_retained as numerator,
    scheduled as denominator,
    over_retained + doubtful + unscheduled as determined_numerator,
    scheduled + unscheduled as determined_denominator,
from month_end_totals
union all
select 'over_retained_records', month_start, dimension, dimension_value, scheduled, over_retained, null, over_retained + doubtful + unscheduled, null
from month_end_totals
union all
select
    'unscheduled_rate', month_start, dimension, dimension_value, scheduled + unscheduled, unscheduled, scheduled + unscheduled,
    unscheduled, scheduled + unscheduled,
from month_end_totals
