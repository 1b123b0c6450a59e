-- The life of each incident by as_of. Without a `detected` there is no deadline and no row; of several the first counts, so
-- that a second detection restarts nothing.
with
events as (
    select events.*
    from {{ ref('stg_incidents__events') }} as events
    where events.event_type in {{ known_codes(event_types('incidents', 'milestone')) }} and {{ has_happened('events') }}
),

detections as (
    select *
    from events
    where event_type = 'detected'
    qualify row_number() over (partition by namespace, incident_id order by occurred_at, event_id) = 1
),

-- The first event of each type counts: an authority that was notified twice was notified the first time.
first_instants as (
    select
        namespace,
        incident_id,
        min(occurred_at) filter (where event_type = 'occurred') as occurred_at,
        min(occurred_at) filter (where event_type = 'contained') as contained_at,
        min(occurred_at) filter (where event_type = 'assessed_no_risk') as assessed_no_risk_at,
        min(occurred_at) filter (where event_type = 'authority_notified') as authority_notified_at,
        min(occurred_at) filter (where event_type = 'subjects_notified') as subjects_notified_at,
        min(occurred_at) filter (where event_type = 'closed') as closed_at,
    from events
    group by namespace, incident_id
),

-- The latest number of affected persons, whichever event states it; within one instant the order of the contract's list decides,
-- then the event's id.
latest_counts as (
    select namespace, incident_id, affected_subjects
    from events
    where affected_subjects is not null
    qualify row_number() over (
        partition by namespace, incident_id
        order by
            occurred_at desc,
            {{ incident_event_order() }} desc,
            event_id desc
    ) = 1
)

select
    detections.namespace,
    detections.incident_id,
    detections.incident_type,
    detections.jurisdiction,
    first_instants.occurred_at,
    detections.occurred_at as detected_at,
    first_instants.contained_at,
    first_instants.assessed_no_risk_at,
    first_instants.authority_notified_at,
    first_instants.subjects_notified_at,
    first_instants.closed_at,
    latest_counts.affected_subjects,
    detections.source,
    detections.event_id,
    detections.batch_id,
    detections.row_number,
from detections
inner join first_instants on detections.namespace = first_instants.namespace and detections.incident_id = first_instants.incident_id
left join latest_counts on detections.namespace = latest_counts.namespace and detections.incident_id = latest_counts.incident_id
