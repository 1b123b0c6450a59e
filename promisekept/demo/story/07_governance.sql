-- Incidents, the policy's own history, and which identifiers belong to one person.
create table incident_cases as
select * from (
    values
    ('INC-2501', timestamp '2025-05-06 09:10:00', 'unauthorised_access', 'IE', 14, 41, null, 62),
    ('INC-2502', timestamp '2025-06-19 21:45:00', 'disclosure', 'US-CA', 220, null, null, 130),
    ('INC-2503', timestamp '2025-08-27 07:30:00', 'disclosure', 'GB-ENG', 3, null, 30, null),
    ('INC-2504', timestamp '2025-10-13 13:05:00', 'alteration', 'DE', 58, 66, null, 90),
    ('INC-2505', timestamp '2025-12-02 18:20:00', 'destruction', 'US-TX', 0, null, null, null),
    ('INC-2601', timestamp '2026-01-22 11:15:00', 'unauthorised_access', 'GB-ENG', 31, 50, null, 96),
    ('INC-2602', timestamp '2026-02-17 16:40:00', 'disclosure', 'FR', 105, 78, null, 120),
    ('INC-2603', timestamp '2026-04-29 08:00:00', 'disclosure', 'IE', 2, null, 21, null),
    ('INC-2604', timestamp '2026-06-03 10:25:00', 'unauthorised_access', 'US-CA', 640, null, null, 160),
    ('INC-2605', timestamp '2026-07-15 05:50:00', 'disclosure', 'DE', 12, 44, null, 70),
    ('INC-2606', timestamp '2026-09-03 14:35:00', 'unauthorised_access', 'IE', 77, 69, null, 94),
    ('INC-2607', timestamp '2026-09-29 15:10:00', 'alteration', 'GB-ENG', 9, null, null, null)
) as listed (incident_id, detected_at, incident_type, jurisdiction, affected_subjects, authority_hours, cleared_hours, subject_hours);

create table incident_events as
with
happened as (
    select incident_id, 'occurred' as event_type, detected_at - interval 30 hours as occurred_at from incident_cases
    union all
    select incident_id, 'detected', detected_at from incident_cases
    union all
    select incident_id, 'contained', detected_at + interval 9 hours from incident_cases
    union all
    select incident_id, 'authority_notified', detected_at + to_hours(authority_hours) from incident_cases where authority_hours is not null
    union all
    select incident_id, 'assessed_no_risk', detected_at + to_hours(cleared_hours) from incident_cases where cleared_hours is not null
    union all
    select incident_id, 'subjects_notified', detected_at + to_hours(subject_hours) from incident_cases where subject_hours is not null
    union all
    select incident_id, 'closed', detected_at + interval 21 days from incident_cases
)

select
    incident_id || ':' || event_type as event_id, occurred_at, incident_id, event_type,
    case when event_type = 'detected' then incident_type end as incident_type,
    case when event_type = 'detected' then jurisdiction end as jurisdiction,
    case when event_type in ('detected', 'subjects_notified') then affected_subjects end as affected_subjects
from happened
inner join incident_cases using (incident_id)
where occurred_at <= last_instant()
union all
-- a type that is not in the contract: rejected by its name, and until the row is corrected nobody may claim that all were notified in time
select 'INC-2608:detected', timestamp '2026-08-11 12:00:00', 'INC-2608', 'detected', 'ransomware', 'AT', 4;

create table policy_events as
select 'POL-' || policy_version || ':' || event_type || coalesce('-' || part, '') as event_id, * exclude (part)
from (
    values
    ('2025-04', 'published', null, timestamp '2025-04-01 04:05:00', false, '2025-04', null, null),
    ('2025-04', 'effective', null, timestamp '2025-04-01 04:10:00', null, null, null, null),
    ('2025-12', 'published', null, timestamp '2025-11-10 15:00:00', true, '2025-11', null, null),
    ('2025-12', 'change_notified', null, timestamp '2025-11-12 16:00:00', null, null, 8210, 8077),
    ('2025-12', 'effective', null, timestamp '2025-12-15 05:00:00', null, null, null, null),
    ('2025-04', 'superseded', null, timestamp '2025-12-15 05:00:00', null, null, null, null),
    -- the change of August 2026: a first mailing to some, the rest two days after it held
    ('2026-08', 'published', null, timestamp '2026-07-20 14:00:00', true, '2026-07', null, null),
    ('2026-08', 'change_notified', 'first', timestamp '2026-07-29 15:00:00', null, null, 8640, 2110),
    ('2026-08', 'effective', null, timestamp '2026-08-01 04:00:00', null, null, null, null),
    ('2025-12', 'superseded', null, timestamp '2026-08-01 04:00:00', null, null, null, null),
    ('2026-08', 'change_notified', 'rest', timestamp '2026-08-03 15:00:00', null, null, 8640, 6398)
) as listed (policy_version, event_type, part, occurred_at, material, last_updated_shown, audience_size, notified_count);

-- Two identifiers of one person are linked under a running number, from which neither can be derived.
create table link_events as
with links as (
    select
        p, 'customer' as kind, strftime(timestamp '2025-04-01 04:01:00' + to_seconds(p % 600), '%Y-%m-%dT%H:%M:%SZ') as occurred_at,
        customer_id as other_ref, 'customer_id' as other_ref_type
    from people
    union all
    select
        p, 'device', strftime(timestamp '2025-04-04 09:00:00' + days(p % 520), '%Y-%m-%dT%H:%M:%SZ'), 'device-' || md5(customer_id)[:12],
        'device_id'
    from people where p % 113 = 5
    union all
    -- a spreadsheet had been there
    select p, 'again', '13/31/2026', customer_id, 'customer_id' from people where p in (411, 412)
    union all
    select p, 'again', '2026-08-30T10:00:00Z', customer_id, 'fax' from people where p = 413
)

select
    'L-' || (500000 + row_number() over (order by h(links.kind, links.p), links.p)) as event_id, links.occurred_at, people.email as subject_ref,
    'email' as subject_ref_type, links.other_ref, links.other_ref_type
from links
inner join people using (p);
