-- Incidents: occurred, detected, notified to the authority in 72 hours or later.
create or replace temp table happened as
with
lives as (
    select i, 725 * draw(i, 'detected') as found, draw(i, 'incident') as fate
    from range(greatest(5, getvariable('events') // 10000)) as numbers (i)
),

steps (slot, i, event_type, after_days) as (
    select 0, i, 'occurred', greatest(0, found - 20 * draw(i, 'unseen')) from lives where draw(i, 'known since') < 0.6
    union all select 1, i, 'detected', found from lives
    union all select 2, i, 'contained', found + 2 * draw(i, 'contained') from lives
    union all select 3, i, 'assessed_no_risk', found + 2 * draw(i, 'assessed') from lives where fate < 0.4
    union all select 4, i, 'authority_notified', found + if(fate < 0.9, 2.9, 8) * draw(i, 'notified') from lives where fate between 0.4 and 0.95
    union all select 5, i, 'subjects_notified', found + 10 * draw(i, 'told') from lives where fate between 0.4 and 0.7
    union all select 6, i, 'closed', found + 10 + 30 * draw(i, 'incident closed') from lives where draw(i, 'is closed') < 0.8
)

select
    'i' || i || '.' || slot as event_id, instant(after_days) as occurred_at,
    recorded(i, slot, instant(after_days)) as recorded_at, 'INC-' || i as incident_id,
    event_type,
    if(event_type = 'detected', pick(i, 'incident type', ['unauthorised_access', 'alteration', 'disclosure', 'destruction']), null) as incident_type,
    if(event_type = 'detected', coalesce(place_of(i), 'IE'), null) as jurisdiction,
    if(event_type in ('detected', 'closed'), floor(500 * draw(i, 'affected' || slot))::bigint, null) as affected_subjects
from steps
inner join lives using (i)
where has_come(after_days);
