-- The number of persons affected and of persons notified in time, as far as events state it. A notification without a number
-- was to all. One that states fewer persons corrects nothing: the number affected comes from other events.
with
persons_due as (select namespace, incident_id, due_at from {{ ref('int_incidents__due') }} where whom = 'persons'),

events as (
    select events.*, persons_due.due_at
    from {{ ref('stg_incidents__events') }} as events
    inner join persons_due on events.namespace = persons_due.namespace and events.incident_id = persons_due.incident_id
    where {{ has_happened('events') }}
),

affected_counts as (
    select namespace, incident_id, affected_subjects as persons_affected
    from events
    where event_type <> 'subjects_notified' and affected_subjects is not null
    qualify row_number() over (
        partition by namespace, incident_id
        order by occurred_at desc, {{ incident_event_order() }} desc, event_id desc
    ) = 1
),

notified_counts as (
    select
        namespace,
        incident_id,
        case when count(*) = count(affected_subjects) then sum(affected_subjects)::bigint end as persons_notified_in_time,
    from events
    where event_type = 'subjects_notified' and occurred_at <= due_at
    group by namespace, incident_id
)

select
    notified_counts.namespace,
    notified_counts.incident_id,
    affected_counts.persons_affected,
    notified_counts.persons_notified_in_time,
from notified_counts
left join affected_counts on notified_counts.namespace = affected_counts.namespace and notified_counts.incident_id = affected_counts.incident_id
