-- By how many days record sets were over their period at the end of each month.
select
    'over_days' as amount_code,
    month_start,
    dimension,
    dimension_value,
    over_days::double as amount,
    sum(over_sets)::bigint as units,
    sum(over_sets)::bigint as determined_units,
    0::bigint as ended,
    0::bigint as determined_ended,
from {{ ref('int_metrics__records_retained') }}
where over_days is not null
group by all
