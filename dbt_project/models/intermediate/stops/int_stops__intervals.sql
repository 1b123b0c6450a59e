-- The intervals in which each stop is in force, or a request is pending: of several at once the one that closed, or was
-- received, first. Intervals never overlap, so that an event joins one row as of its instant, however many stops a person has.
with
stops as (
    {{ stops_with_pending() }}
),

named_purposes as (
    select person_key, right_type, is_scope_known, is_pending, unnest(named_purposes) as purpose_code
    from {{ ref('int_stops__persons') }}
),

-- A stop of every purpose also stands among those of each purpose that another stop of the person names.
stops_by_purpose as (
    select *, coalesce(purpose_code, '') as place
    from stops
    union all
    select stops.*, named_purposes.purpose_code as place
    from stops
    inner join named_purposes
        on
            stops.person_key = named_purposes.person_key
            and stops.right_type = named_purposes.right_type
            and stops.is_scope_known = named_purposes.is_scope_known
            and stops.is_pending = named_purposes.is_pending
    where stops.purpose_code is null and not list_contains(stops.other_purposes, named_purposes.purpose_code)
),

ordered_stops as (
    select
        *,
        coalesce(ended_at, timestamptz 'infinity') as bound_until,
        max(coalesce(ended_at, timestamptz 'infinity')) over earlier as covered_until,
    from stops_by_purpose
    window earlier as (
        partition by person_key, right_type, is_scope_known, is_pending, place
        order by stopped_at, request_key
        rows between unbounded preceding and 1 preceding
    )
),

-- What occurs after an instant occurs from the next microsecond on.
starting_stops as (
    select *, greatest(make_timestamptz(epoch_us(stopped_at) + 1), covered_until) as begins_at
    from ordered_stops
)

select
    person_key,
    right_type,
    is_scope_known,
    is_pending,
    place as purpose_code,
    begins_at,
    ended_at,
    stopped_at,
    request_key,
from starting_stops
where begins_at < bound_until
