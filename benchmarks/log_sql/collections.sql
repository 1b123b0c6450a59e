-- What was collected: with notice in time but for a few.
create or replace temp table happened as
with
drawn as (
    select
        i, person_of(i, 'collection') as person, 729 * draw(i, 'collected') as after_days,
        pick(i, 'collection type', ['automatic', 'automatic', 'automatic', 'requested', 'requested', 'feature']) as collection_type,
        pick(i, 'what', [
            {categories: ['contact_details'], purpose: 'service_delivery'},
            {categories: ['usage_metadata', 'device_ids'], purpose: 'usage_analytics'},
            {categories: ['support_tickets', 'contact_details'], purpose: 'support'},
            {categories: ['billing_records'], purpose: 'billing'}, {categories: ['call_recording'], purpose: 'call_recording'}
        ]) as what
    from range((getvariable('events') * 0.12)::bigint) as numbers (i)
)

select
    'k' || i as event_id, instant(after_days) as occurred_at, recorded(i, 0, instant(after_days)) as recorded_at,
    ref_of(i, person) as subject_ref, ref_type_of(i, person) as subject_ref_type,
    collection_type,
    if(collection_type = 'feature', pick(i, 'feature', ['call_recording', 'call_summary', 'voicemail_transcription']), null) as feature,
    if(draw(i, 'unlisted') < 0.001, what.categories || ['location_history'], what.categories) as data_categories,
    what.purpose as purpose_code,
    case
        when draw(i, 'not told') < 0.006 then null
        when draw(i, 'not told') < 0.01 then instant(after_days + 1)
        else instant(after_days)
    end as notice_shown_at,
    'n-' || i % 7 as notice_id,
    if(draw(i, 'no version') < 0.1, null, version_at(i, after_days)) as policy_version,
    if(draw(i, 'exempt') < 0.02, pick(i, 'exemption', ['not_required', 'not_reasonable', 'already_informed']), null) as notice_exemption,
    place_of(person) as jurisdiction
from drawn;
