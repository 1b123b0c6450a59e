-- Events that are known to be missing, because a control total or a sequence counts them and nothing of them landed. A control
-- total dates them; numbers that a sequence lacks beyond those may belong to any month.
with
days as (select * from {{ ref('fct_source_completeness') }}),

counted_events as (
    select source, log, date_trunc('month', day)::date as month_start, missing_events as events
    from days
    where missing_events > 0
    union all
    select source, log, null, sum(coalesce(missing_numbers, 0)) - sum(coalesce(missing_events, 0))
    from days
    group by source, log
)

select source, log, month_start, least(sum(events), {{ greatest_count() }})::bigint as events
from counted_events
where events > 0
group by source, log, month_start
