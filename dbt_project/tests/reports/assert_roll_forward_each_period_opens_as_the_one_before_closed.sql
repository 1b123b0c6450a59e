-- A row here is a period that does not open with what was open when the one before it closed.
select later.period_grain, later.period_start, later.right_type, earlier.closing, later.opening
from {{ ref('rpt_roll_forward') }} as earlier
inner join {{ ref('rpt_roll_forward') }} as later
    on
        earlier.period_grain = later.period_grain
        and earlier.right_type = later.right_type
        and earlier.period_end = later.period_start
where earlier.closing <> later.opening
