-- The lives of consents: one per person and purpose, asked for, decided upon, withdrawn, confirmed, given again.
create or replace temp table consent_purposes as
select unnest(range(5)) as no, unnest([
    {code: 'product_news', systems: ['crm', 'mailer']}, {code: 'usage_analytics', systems: ['analytics', 'warehouse']},
    {code: 'personalisation', systems: ['app']}, {code: 'call_recording', systems: ['voice']},
    {code: 'partner_sharing', systems: ['crm', 'partner_gateway']}
], recursive := true);

create or replace temp table happened as
with
lives as (
    select
        i, i % getvariable('persons') as person, (i // getvariable('persons') + i % getvariable('persons')) % 5 as no,
        asked_on(i) as asked, draw(i, 'consent answer') < 0.86 as is_given, draw(i, 'consent later') as later,
        1 + 400 * draw(i, 'consent withdrawn') as kept
    from range((getvariable('events') * 0.152)::bigint) as numbers (i)
),

steps (slot, i, event_type, after_days, system) as (
    select 0, i, 'shown', asked, null from lives where draw(i, 'consent shown') < 0.35
    union all
    select 1, i, if(is_given, 'given', 'refused'), asked + 0.001, null from lives
    union all
    select 2, i, 'withdrawn', asked + if(draw(i, 'at once') < 0.002, 0.001, kept), null from lives where is_given and later < 0.22
    union all
    select
        3 + place, i, 'withdrawal_applied',
        asked + kept + if(draw(i, 'applied late' || place) < 0.97, 1, 6) * draw(i, 'applied' || place), systems[place]
    from lives inner join consent_purposes using (no), range(1, 3) as places (place)
    where is_given and later < 0.22 and place <= len(systems) and draw(i, 'applied at all' || place) < 0.96
    union all
    select 6, i, 'given', asked + kept + 5 + 60 * draw(i, 'given again'), null from lives where is_given and later < 0.07
    union all
    select 7, i, 'renewed', asked + 100 + 200 * draw(i, 'renewed'), null from lives where is_given and later between 0.22 and 0.40
    union all
    select 8, i, pick(i, 'ended by', ['expired', 'invalidated']), asked + kept, null from lives where is_given and later > 0.995
)

select
    'c' || i || '.' || slot as event_id, instant(after_days) as occurred_at,
    recorded(i, slot, instant(after_days)) as recorded_at, ref_of(i, person) as subject_ref,
    ref_type_of(i, person) as subject_ref_type, code as purpose_code, event_type,
    if(event_type = 'withdrawal_applied', 'api', pick(i, 'mechanism', ['banner', 'banner', 'form', 'contract', 'verbal', 'gpc'])) as mechanism,
    if(event_type in ('given', 'renewed', 'refused', 'shown') and draw(i, 'unproven') > 0.004, version_at(i, after_days), null) as policy_version,
    if(event_type in ('given', 'renewed', 'refused', 'shown') and draw(i, 'no notice') > 0.004, 'n-' || no, null) as notice_id,
    place_of(person) as jurisdiction, steps.system,
    if(event_type = 'given' and draw(i, 'proof') < 0.3, 'https://vault.example/consent/' || i, null) as evidence_ref
from steps
inner join lives using (i)
inner join consent_purposes using (no)
where has_come(after_days);
