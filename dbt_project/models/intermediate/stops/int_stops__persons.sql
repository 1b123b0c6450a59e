-- The stops and pending requests of each person per right: the first instant, and the purposes that they name.
with
stops as (
    {{ stops_with_pending() }}
)

select
    person_key,
    right_type,
    is_scope_known,
    is_pending,
    min(stopped_at) as first_stopped_at,
    coalesce(list(distinct purpose_code order by purpose_code) filter (where purpose_code is not null), []) as named_purposes,
from stops
group by person_key, right_type, is_scope_known, is_pending
