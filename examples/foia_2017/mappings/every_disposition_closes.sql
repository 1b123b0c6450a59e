-- The same log with every disposition taken as an answer: what the figure would be if nothing left the population.
select
    _row,
    "Tracking Number" || ':received' as event_id,
    "Tracking Number" as request_id,
    'received' as event_type,
    "Submitted Date" as occurred_at,
    "Tracking Number" as subject_ref,
    'access' as right_type
from source
union all
select
    _row,
    "Tracking Number" || ':closed',
    "Tracking Number",
    'fulfilled',
    "Closed Date",
    null,
    null
from source
where "Closed Date" <> ''
