-- Every detected incident, and whether the authority was told in the hours that its place allows. Hours run on instants:
-- no weekend, holiday or clock change moves them.
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

incidents as (select * from {{ ref('int_incidents__timeline') }}),

hours as (select jurisdiction, hours from {{ source('pack', 'incident_hours') }}),

-- A place has the hours that the pack gives it, else its country's. Places that a pack invents (ZZ-...) have no country.
due as (
    select
        incidents.*,
        coalesce(own.hours, shared.hours) as authority_due_hours,
        incidents.detected_at + to_hours(coalesce(own.hours, shared.hours)) as authority_due_at,
    from incidents
    left join hours as own on incidents.jurisdiction = own.jurisdiction
    left join hours as shared
        on split_part(incidents.jurisdiction, '-', 1) = shared.jurisdiction and not starts_with(incidents.jurisdiction, 'ZZ-')
),

judged as (
    select
        due.*,
        cast(timezone(instants.time_zone, due.detected_at) as date) as detected_date,
        case
            when due.authority_due_at is null then 'nothing_due'
            when due.assessed_no_risk_at is not null then 'not_required'
            when due.authority_notified_at is not null
                then if(due.authority_notified_at <= due.authority_due_at, 'on_time', 'late')
            else if(instants.as_of <= due.authority_due_at, 'open_in_time', 'open_overdue')
        end as status,
        coalesce(
            due.assessed_no_risk_at > due.authority_due_at
            and (due.authority_notified_at is null or due.authority_notified_at > due.authority_due_at),
            false
        ) as assessed_overdue,
    from due
    cross join instants
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
from judged
