-- When each version of the policy was in force: from `effective` until `superseded`, the first included and the second not.
with
events as (select * from {{ ref('stg_policies__events') }}),

turns as (
    select policy_version, event_type, occurred_at
    from events
    where event_type in ('effective', 'superseded') and {{ has_happened('events') }}
),

-- At one instant `superseded` comes after `effective`, as in the contract's list (and in the alphabet).
followed as (
    select
        *,
        lead(occurred_at) over (partition by policy_version order by occurred_at, event_type) as next_at,
    from turns
)

select
    policy_version,
    occurred_at as in_force_from,
    coalesce(next_at, timestamptz 'infinity') as in_force_until,
from followed
where event_type = 'effective'
