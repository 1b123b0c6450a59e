-- What was done about findings, act by act, as it had happened by as_of. A withdrawal by whoever recorded an act strikes it.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

events as (
    select events.*, (events.occurred_at at time zone instants.time_zone)::date as occurred_date
    from {{ ref('stg_remediations__events') }} as events
    cross join instants
    where {{ has_happened('events') }}
),

owners as (select * from {{ source('pack', 'owners') }}),

withdrawals as (
    select namespace, withdrawn_event_id as event_id, subject_key, max(occurred_at) as last_at
    from events
    where event_type in {{ known_codes(event_types('remediations', 'withdrawal')) }}
    group by all
)

select
    events.namespace,
    events.event_id,
    events.event_type,
    events.occurred_at,
    events.occurred_date,
    events.subject_key as actor_key,
    events.role,
    events.group_key,
    events.owner,
    case
        when events.owner is not null and exists (select 1 from owners where {{ in_force('owners', 'events.occurred_date') }})
            then exists (select 1 from owners where owners.owner = events.owner and {{ in_force('owners', 'events.occurred_date') }})
    end as owner_is_listed,
    events.due_date,
    events.accepted_until,
    events.note,
    events.control_id,
    events.result,
    events.valid_until,
    events.evidence_ref,
    events.withdrawn_event_id,
    coalesce(withdrawals.last_at >= events.occurred_at, false) as is_withdrawn,
    events.source,
    events.batch_id,
    events.row_number
from events
left join withdrawals
    on
        events.namespace = withdrawals.namespace
        and events.event_id = withdrawals.event_id
        and events.subject_key = withdrawals.subject_key
        and events.event_type not in {{ known_codes(event_types('remediations', 'withdrawal')) }}
