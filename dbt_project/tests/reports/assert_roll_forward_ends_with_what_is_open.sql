-- A row here is a right of which the roll-forward ends with another number than that of the requests that are open at as_of.
with
open_by_right as (
    select right_type, count(*) filter (closed_date is null and exclusion_reason is null) as open_requests
    from {{ ref('fct_requests') }}
    group by right_type
)

select open_by_right.right_type, open_by_right.open_requests, rolled.closing
from open_by_right
full join (select * from {{ ref('rpt_roll_forward') }} where period_grain = 'to_date') as rolled on open_by_right.right_type = rolled.right_type
where open_by_right.open_requests is distinct from rolled.closing
