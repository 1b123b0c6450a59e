-- What was done with it: on the basis that the purpose asks for, but for a few.
create or replace temp table happened as
with
drawn as (
    select
        i, person_of(i, 'processing') as someone,
        pick(i, 'done', [
            {purpose: 'service_delivery', basis: 'contract', system: 'app', categories: ['usage_metadata', 'contact_details'], no: null},
            {purpose: 'service_delivery', basis: 'contract', system: 'crm', categories: ['contact_details'], no: null},
            {purpose: 'billing', basis: 'legal_obligation', system: 'billing', categories: ['billing_records'], no: null},
            {purpose: 'support', basis: 'legitimate_interests', system: 'support', categories: ['support_tickets'], no: null},
            {purpose: 'product_news', basis: 'consent', system: 'mailer', categories: ['contact_details'], no: 0},
            {purpose: 'personalisation', basis: 'consent', system: 'app', categories: ['usage_metadata', 'device_ids'], no: 2}
        ]) as done
    from range((getvariable('events') * 0.10)::bigint) as numbers (i)
),

placed as (select *, if(done.no is null, someone, consenting(i, done.no)) as person from drawn),

dated as (
    select *, if(done.no is null, 729 * draw(i, 'processed'), since_consent(i, person)) as after_days
    from placed
)

select
    'p' || i as event_id, instant(after_days) as occurred_at, recorded(i, 0, instant(after_days)) as recorded_at,
    ref_of(i, person) as subject_ref, ref_type_of(i, person) as subject_ref_type,
    if(draw(i, 'undeclared') < 0.001, 'profiling', done.purpose) as purpose_code,
    done.system,
    if(draw(i, 'unlisted') < 0.001, done.categories || ['location_history'], done.categories) as data_categories,
    draw(i, 'automated') < 0.03 as automated_decision,
    if(draw(i, 'wrong basis') < 0.004, 'legitimate_interests', done.basis) as legal_basis
from dated;
