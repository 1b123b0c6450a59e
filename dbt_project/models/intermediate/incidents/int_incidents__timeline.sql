-- What had happened to each incident by as_of. Without a `detected` there is no clock and no row; of several the first
-- one runs, so that nobody restarts the clock by detecting again.
with
events as (
    select events.*
    from {{ ref('stg_incidents__events') }} as events
    where {{ has_happened('events') }}
),

detected as (
    select *
    from events
    where event_type = 'detected'
    qualify row_number() over (partition by namespace, incident_id order by occurred_at, event_id) = 1
),

-- Each thing happens when it happens first: an authority that was told twice was told the first time.
happened as (
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

-- The latest word on how many people are concerned, whichever event carries it; within one instant the order of the
-- contract's list decides, then the event's id.
counted as (
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
    detected.namespace,
    detected.incident_id,
    detected.incident_type,
    detected.jurisdiction,
    happened.occurred_at,
    detected.occurred_at as detected_at,
    happened.contained_at,
    happened.assessed_no_risk_at,
    happened.authority_notified_at,
    happened.subjects_notified_at,
    happened.closed_at,
    counted.affected_subjects,
    detected.source,
    detected.event_id,
    detected.batch_id,
    detected.row_number,
from detected
inner join happened on detected.namespace = happened.namespace and detected.incident_id = happened.incident_id
left join counted on detected.namespace = counted.namespace and detected.incident_id = counted.incident_id
