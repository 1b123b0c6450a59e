-- The customer number of each of the first persons; a few have a second number, that links to the first.
create or replace temp table happened as
select
    'l' || i as event_id, instant(600 * draw(i, 'linked')) as occurred_at, instant(600 * draw(i, 'linked')) as recorded_at,
    'person' || i || '@mail.example' as subject_ref, 'email' as subject_ref_type,
    'C-' || i as other_ref, 'customer_id' as other_ref_type
from range(getvariable('links')) as numbers (i)
union all
select
    'm' || i, instant(700 * draw(i, 'linked again')), instant(700 * draw(i, 'linked again')),
    'C-' || i, 'customer_id', 'device-' || i, 'device_id'
from range(getvariable('links') // 10) as numbers (i);
