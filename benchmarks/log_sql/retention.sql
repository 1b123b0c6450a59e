-- The lives of record sets: created, used, held, deleted when the schedule requires; few too early, too late, never, or back again.
create or replace temp table kinds as
select unnest([
    {no: 0, category: 'contact_details', purpose: 'service_delivery', system: 'crm', kept: 380, activities: 2},
    {no: 1, category: 'contact_details', purpose: 'product_news', system: 'mailer', kept: 370, activities: 1},
    {no: 2, category: 'billing_records', purpose: 'legal_compliance', system: 'billing', kept: 500, activities: 0},
    {no: 3, category: 'usage_metadata', purpose: 'usage_analytics', system: 'analytics', kept: 170, activities: 0},
    {no: 4, category: 'usage_metadata', purpose: 'service_delivery', system: 'warehouse', kept: 165, activities: 0},
    {no: 5, category: 'support_tickets', purpose: 'support', system: 'support', kept: 280, activities: 1},
    {no: 6, category: 'call_recording', purpose: 'call_recording', system: 'voice', kept: 80, activities: 0},
    {no: 7, category: 'device_ids', purpose: 'service_delivery', system: 'app', kept: 400, activities: 1}
], recursive := true);

create or replace temp table happened as
with
lives as (
    select
        i, person_of(i, 'record') as person, draw(i, 'no person') < 0.05 as is_bulk,
        if(draw(i, 'unscheduled') < 0.008, 'demographic', category) as category, kinds.* exclude (category),
        728 * draw(i, 'created') as born, draw(i, 'end') as fate, kept * (0.85 + 0.13 * draw(i, 'kept')) as span,
        draw(i, 'held') < 0.01 as is_held
    from range((getvariable('events') * 0.067)::bigint) as numbers (i)
    inner join kinds on kinds.no = hash(hash(i, 'kind')) % 8
),

steps (slot, i, event_type, after_days) as (
    select 0, i, 'created', born from lives
    union all
    select 1 + slot, i, 'last_activity', born + 200 * draw(i, 'active' || slot) from lives, range(2) as slots (slot)
    where slot < activities and draw(i, 'is active' || slot) < 0.8
    union all
    select 3, i, 'trigger', born + 30 * draw(i, 'trigger') from lives where category = 'support_tickets' and draw(i, 'triggers') < 0.9
    union all
    select 4, i, 'hold_placed', born + 20 + 100 * draw(i, 'placed') from lives where is_held
    union all
    select 5, i, 'hold_released', born + 150 + 100 * draw(i, 'released') from lives where is_held and draw(i, 'freed') < 0.7
    union all
    select 6, i, if(draw(i, 'how') < 0.94, 'deleted', 'anonymised'),
        born + case when fate < 0.95 then span + if(activities > 0, 20, 0) when fate < 0.97 then span + 150 else span / 4 end
    from lives where fate < 0.985
    union all
    select 7 + scan, i, 'seen', born + span * draw(i, 'seen' || scan) from lives, range(2) as scans (scan) where draw(i, 'is seen' || scan) < 0.3
    union all
    select 9, i, 'seen', born + span + 40 from lives where fate < 0.004
)

select
    'r' || i || '.' || slot as event_id, instant(after_days) as occurred_at,
    recorded(i, slot, instant(after_days)) as recorded_at,
    if(is_bulk or event_type <> 'created', null, ref_of(i, person)) as subject_ref,
    if(is_bulk or event_type <> 'created', null, ref_type_of(i, person)) as subject_ref_type,
    'rec-' || i as record_id, event_type, if(event_type = 'created', system, null) as system,
    if(event_type = 'created', category, null) as data_category, if(event_type = 'created', purpose, null) as purpose_code,
    if(event_type = 'created', place_of(person), null) as jurisdiction,
    if(event_type = 'created' and draw(i, 'contract') < 0.02, pick(i, 'which contract', ['CT-NORTH', 'CT-SOUTH']), null) as contract_ref,
    if(event_type in ('hold_placed', 'hold_released'), 'HOLD-' || i % 40, null) as hold_ref,
    if(event_type = 'deleted', pick(i, 'method', ['hard_delete', 'crypto_shred', 'overwrite']), null) as method,
    if(event_type = 'created', 1 + i % 20, null)::bigint as record_count
from steps
inner join lives using (i)
where has_come(after_days);
