-- A version of the policy each quarter, notified before it took effect, in two waves; one too late.
create or replace temp table happened as
with
versions as (select unnest(range(1, 9)) as i),

steps (slot, i, event_type, after_days) as (
    select 0, i, 'published', greatest(0, (i - 1) * 91.25 - 20) from versions
    union all
    select wave, i, 'change_notified', greatest(0, (i - 1) * 91.25 - 18 + 4 * wave + if(i = 5, 30, 0)) from versions, range(1, 3) as waves (wave)
    union all
    select 3, i, 'effective', (i - 1) * 91.25 from versions
    union all
    select 4, i, 'superseded', i * 91.25 from versions where i < 8
)

select
    'v' || i || '.' || slot as event_id, instant(after_days) as occurred_at, instant(after_days) as recorded_at,
    'v' || i as policy_version, event_type, if(event_type = 'published', i % 2 = 0, null) as material,
    if(event_type = 'published', if(i = 3, '2024-01', strftime(instant(after_days), '%Y-%m')), null) as last_updated_shown,
    if(event_type = 'change_notified', getvariable('persons'), null)::bigint as audience_size,
    if(event_type = 'change_notified', getvariable('persons') // 2 - i, null)::bigint as notified_count
from steps;
