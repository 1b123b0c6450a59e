-- Active consents at the end of each month, and those of them that can be proven.
with
months as (select month_start from {{ ref('int_metrics__months') }}),

month_ends as (
    select
        months.month_start,
        changes.dimension,
        changes.dimension_value,
        sum(changes.active)::bigint as active,
        sum(changes.provable)::bigint as provable,
    from months
    inner join {{ ref('int_metrics__consents_changes') }} as changes on changes.month_start <= months.month_start
    group by all
)

select 'active_consents' as metric_code, month_start, dimension, dimension_value, active as units, active as numerator, null::bigint as denominator
from month_ends
union all
select 'consent_provable_rate', month_start, dimension, dimension_value, active, provable, active
from month_ends
