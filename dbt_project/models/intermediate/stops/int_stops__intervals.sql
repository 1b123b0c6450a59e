-- At which time which stop binds, and which request waits for an answer: of several at once the one that closed, or was
-- received, first, so that stretches never overlap and an event finds its own as of its instant, however many a person has.
with
stops as (
    {{ stops_with_pending() }}
),

named as (
    select person_key, right_type, is_scope_known, is_pending, unnest(named_purposes) as purpose_code
    from {{ ref('int_stops__persons') }}
),

-- A stop of every purpose also stands among those of each purpose that another stop of the person names.
placed as (
    select *, coalesce(purpose_code, '') as place
    from stops
    union all
    select stops.*, named.purpose_code as place
    from stops
    inner join named
        on
            stops.person_key = named.person_key
            and stops.right_type = named.right_type
            and stops.is_scope_known = named.is_scope_known
            and stops.is_pending = named.is_pending
    where stops.purpose_code is null and not list_contains(stops.other_purposes, named.purpose_code)
),

ordered as (
    select
        *,
        coalesce(ended_at, timestamptz 'infinity') as bound_until,
        max(coalesce(ended_at, timestamptz 'infinity')) over earlier as covered_until,
    from placed
    window earlier as (
        partition by person_key, right_type, is_scope_known, is_pending, place
        order by stopped_at, request_key
        rows between unbounded preceding and 1 preceding
    )
),

-- What occurs after an instant occurs from the next microsecond on.
begun as (
    select *, greatest(make_timestamptz(epoch_us(stopped_at) + 1), covered_until) as begins_at
    from ordered
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
from begun
where begins_at < bound_until
