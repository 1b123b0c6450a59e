-- Every detected incident, and whether the authority and the persons were notified within the time that the law of its place gives.
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

settings as (select no_risk_persons from {{ source('pack', 'settings') }}),

incidents as (
    select timelines.*, instants.as_of, instants.time_zone
    from {{ ref('int_incidents__timeline') }} as timelines
    cross join instants
),

periods as (select * from {{ ref('int_incidents__due') }}),

notified_persons as (select * from {{ ref('int_incidents__notified') }}),

incidents_due as (
    select
        incidents.*,
        case when authority.period_unit = 'hour' then authority.period_n end as authority_due_hours,
        authority.due_at as authority_due_at,
        authority.period_n as authority_period_n,
        authority.period_unit as authority_period_unit,
        authority.citation as authority_citation,
        persons.due_at as persons_due_at,
        persons.period_n as persons_period_n,
        persons.period_unit as persons_period_unit,
        persons.citation as persons_citation,
        notified_persons.persons_affected,
        notified_persons.persons_notified_in_time,
    from incidents
    left join periods as authority
        on
            incidents.namespace = authority.namespace
            and incidents.incident_id = authority.incident_id
            and authority.whom = 'authority'
    left join periods as persons
        on
            incidents.namespace = persons.namespace
            and incidents.incident_id = persons.incident_id
            and persons.whom = 'persons'
    left join notified_persons on incidents.namespace = notified_persons.namespace and incidents.incident_id = notified_persons.incident_id
),

incidents_with_status as (
    select
        *,
        cast(timezone(time_zone, detected_at) as date) as detected_date,
        {{ notification_status('authority_due_at', 'authority_notified_at') }} as status,
        {{ notification_status('persons_due_at', 'subjects_notified_at') }} as persons_status,
        coalesce(
            assessed_no_risk_at > authority_due_at
            and (authority_notified_at is null or authority_notified_at > authority_due_at),
            false
        ) as assessed_overdue,
        -- An assessment of no risk ends the controller's duty: it is doubtful for many persons and for an unknown number.
        'not_required' in (status, persons_status)
            and coalesce(affected_subjects > settings.no_risk_persons, true)
            and not coalesce(authority_notified_at <= authority_due_at, false) as no_risk_for_many,
        -- The same of the persons, and a notification of fewer than were affected.
        case
            when persons_status = 'not_required' and subjects_notified_at <= persons_due_at and subjects_notified_at >= detected_at then null
            when persons_status = 'not_required' and assessed_no_risk_at > persons_due_at then 'assessed_overdue'
            when persons_status = 'not_required' and coalesce(affected_subjects > settings.no_risk_persons, true) then 'no_risk_for_many'
            when persons_status = 'not_required' and assessed_no_risk_at < detected_at then 'before_detection'
            when persons_status = 'on_time' and subjects_notified_at < detected_at then 'before_detection'
            when persons_status = 'on_time' and persons_notified_in_time < persons_affected then 'in_part'
        end as persons_doubt,
    from incidents_due
    cross join settings
)

select
    namespace || '/' || incident_id as incident_key,
    namespace,
    source,
    incident_id,
    incident_type,
    jurisdiction,
    occurred_at,
    detected_at,
    detected_date,
    contained_at,
    assessed_no_risk_at,
    authority_notified_at,
    subjects_notified_at,
    closed_at,
    affected_subjects,
    cast(epoch_us(authority_notified_at) - epoch_us(detected_at) as double) / 3600000000.0::double as authority_hours,
    authority_due_hours,
    authority_due_at,
    status,
    case
        when status = 'on_time' then true
        when status in ('late', 'open_overdue') then false
    end as on_time,
    assessed_no_risk_at is not null as not_required,
    assessed_overdue,
    event_id,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    authority_period_n,
    authority_period_unit,
    authority_citation,
    persons_due_at,
    persons_status,
    persons_period_n,
    persons_period_unit,
    persons_citation,
    no_risk_for_many,
    persons_notified_in_time,
    persons_doubt,
from incidents_with_status
