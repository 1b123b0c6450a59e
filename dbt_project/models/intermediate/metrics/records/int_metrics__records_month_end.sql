-- What was kept too long and what had no schedule at the end of each month, by records. Whether what has no schedule was kept too
-- long nobody can say: at worst it was, so that no figure gets better by a row that the schedule lacks. So it is with what waits for
-- an event that is overdue, is under a hold that nobody reviewed or that came when it was overdue, or was active like a job.
with
kept as (
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
    over_retained + doubtful + unscheduled as judged_numerator,
    scheduled + unscheduled as judged_denominator,
from kept
union all
select 'over_retained_records', month_start, dimension, dimension_value, scheduled, over_retained, null, over_retained + doubtful + unscheduled, null
from kept
union all
select
    'unscheduled_rate', month_start, dimension, dimension_value, scheduled + unscheduled, unscheduled, scheduled + unscheduled,
    unscheduled, scheduled + unscheduled,
from kept
