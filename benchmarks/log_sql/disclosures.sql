-- What was shared: mostly as the registers allow, two in a hundred with one slip.
create or replace temp table flows as
select unnest([
    {no: 0, weight: 30, recipient: 'hosting', reason: 'provide_service', purpose: 'service_delivery', categories: ['usage_metadata', 'contact_details'], country: 'US'},
    {no: 1, weight: 16, recipient: 'mail_relay', reason: 'provide_service', purpose: 'product_news', categories: ['contact_details'], country: 'IE'},
    {no: 2, weight: 10, recipient: 'help_desk', reason: 'service_functionality', purpose: 'support', categories: ['support_tickets', 'contact_details'], country: 'PH'},
    {no: 3, weight: 12, recipient: 'payments', reason: 'provide_service', purpose: 'billing', categories: ['billing_records'], country: 'IE'},
    {no: 4, weight: 10, recipient: 'analytics_co', reason: 'service_functionality', purpose: 'usage_analytics', categories: ['usage_metadata', 'device_ids'], country: 'DE'},
    {no: 5, weight: 4, recipient: 'affiliate_us', reason: 'provide_service', purpose: 'support', categories: ['support_tickets'], country: 'US'},
    {no: 6, weight: 4, recipient: 'affiliate_gb', reason: 'service_functionality', purpose: 'billing', categories: ['billing_records', 'contact_details'], country: 'GB'},
    {no: 7, weight: 2, recipient: 'tax_office', reason: 'required_by_law', purpose: 'legal_compliance', categories: ['billing_records'], country: 'IE'},
    {no: 8, weight: 1, recipient: 'county_court', reason: 'required_by_law', purpose: 'legal_compliance', categories: ['contact_details'], country: 'US'},
    {no: 9, weight: 7, recipient: 'partner_crm', reason: 'consented_or_requested', purpose: 'partner_sharing', categories: ['contact_details'], country: 'GB'},
    {no: 10, weight: 4, recipient: 'partner_shop', reason: 'consented_or_requested', purpose: 'partner_sharing', categories: ['usage_metadata', 'contact_details'], country: null}
], recursive := true);

create or replace temp table flow_list as
select list(no order by no, copy) as numbers from (select no, unnest(range(weight)) as copy from flows);

create or replace temp table happened as
with
drawn as (
    select
        i,
        (select numbers from flow_list)[1 + floor(draw(i, 'flow') * 100)::bigint] as no,
        730 * draw(i, 'disclosed') as any_day, draw(i, 'bulk') < 0.02 as is_bulk,
        if(draw(i, 'slip') < 0.02, 1 + floor(9 * draw(i, 'which slip'))::bigint, 0) as slip
    from range((getvariable('events') * 0.25)::bigint) as numbers (i)
),

placed as (
    select
        drawn.*, flows.* exclude (no, weight),
        if(reason = 'consented_or_requested', consenting(i, 4), person_of(i, 'disclosed')) as person
    from drawn
    inner join flows using (no)
),

dated as (
    select *, if(reason = 'consented_or_requested', since_consent(i, person), any_day) as after_days
    from placed
)

select
    'd' || i as event_id, instant(after_days) as occurred_at, recorded(i, 0, instant(after_days)) as recorded_at,
    if(is_bulk, null, ref_of(i, person)) as subject_ref, if(is_bulk, null, ref_type_of(i, person)) as subject_ref_type,
    if(slip = 1, 'unknown_broker', recipient) as recipient_id, if(slip = 2, 'other', reason) as reason_code,
    if(slip = 3, 'personalisation', purpose) as purpose_code,
    case slip when 4 then categories || ['demographic'] when 5 then categories || ['location_history'] else categories end as data_categories,
    instant(greatest(0, after_days - 30 * draw(i, 'collected'))) as collected_at,
    if(slip = 6 or is_bulk, null, instant(greatest(0, after_days - 10 * draw(i, 'told')))) as disclosed_to_subject_at,
    if(draw(i, 'exempt') < 0.03 or (slip <> 6 and reason = 'required_by_law'), pick(i, 'exemption', ['legal_prohibition', 'not_possible', 'already_informed']), null)
        as disclosure_exemption,
    if(reason = 'required_by_law' and draw(i, 'no order') > 0.08, 'ORD-' || i, null) as authority_ref,
    if(slip = 7, 'IN', country) as destination_country,
    if(slip = 8, pick(i, 'sold for', ['monetary', 'other_valuable']), 'none') as consideration,
    if(is_bulk, 100 + i % 900, 1)::bigint as record_count
from dated;
