-- What was shared, collected and done. Persons are left alone once they asked for it, unless the story needs otherwise.
create table ordinary as
select
    j, quiet.p, quiet.email, quiet.customer_id, quiet.place, h('act', j) as x, h('act-more', j) as y,
    first_instant() + days(1.2) + (quiet.quiet_from - first_instant() - days(2)) * r(h('act', j), 0) as occurred_at
from range(1, 25501) as acts (j)
inner join quiet on quiet.p = 1 + (j * 3571) % 9000
where quiet.quiet_from > first_instant() + days(4);

create table sharing_kinds as
select *, sum(weight) over (order by position) - weight as from_slot, sum(weight) over (order by position) as to_slot
from (
    select row_number() over () as position, *
    from (
        values
        ('cloudhost', 'service_functionality', 'service_functionality', 'usage_metadata;contact_details', 'US', 33),
        ('smtp_relay', 'provide_service', 'service_delivery', 'contact_details', 'US', 18),
        ('support_desk_ph', 'provide_service', 'service_delivery', 'support_tickets;contact_details', 'PH', 14),
        ('transcribe_ai', 'provide_service', 'service_delivery', 'meeting_transcript;call_recording', 'US', 11),
        ('payment_processor', 'provide_service', 'service_delivery', 'billing_records', 'US', 9),
        ('analytics_co', 'service_functionality', 'user_experience', 'usage_metadata', 'IE', 6),
        ('larkfield_ie', 'provide_service', 'service_delivery', 'contact_details;support_tickets', 'IE', 5),
        ('larkfield_ca', 'service_functionality', 'service_functionality', 'usage_metadata', 'CA', 3),
        ('county_court', 'required_by_law', 'legal_compliance', 'contact_details;billing_records', 'US', 1)
    ) as listed (recipient_id, reason_code, purpose_code, data_categories, destination_country, weight)
);

create table disclosure_events as
with
routine as (
    select
        'D-' || (300000 + j) as event_id, occurred_at, customer_id,
        -- once a week a whole batch goes out, with no person's row
        recipient_id <> 'county_court' and r(x, 2) < 0.06 as is_bulk,
        recipient_id, reason_code, purpose_code, data_categories, destination_country, 'none' as consideration,
        occurred_at - days(0.01 + 9 * r(y, 0)) as collected_at,
        case
            when recipient_id = 'county_court' then 'prohibited' when r(x, 3) < 0.022 then 'not_notified' when r(x, 3) < 0.040 then 'exempt' else 'notified'
        end as notification,
        j
    from ordinary
    inner join sharing_kinds on r(x, 1) * 100 >= from_slot and r(x, 1) * 100 < to_slot
    where j <= 8700
),

consented as (
    select
        'D-' || (400000 + row_number() over (order by p)) as event_id,
        since + (until - since) * r(h('partner', p), 0) as occurred_at, 'C-' || (400000 + p) as customer_id, false as is_bulk,
        case when p % 3 = 0 then 'partner_crm' else 'partner_integrations' end as recipient_id, 'consented_or_requested' as reason_code,
        'partner_sharing' as purpose_code, 'contact_details' as data_categories, case when p % 3 = 0 then 'GB' else 'US' end as destination_country,
        'none' as consideration, since as collected_at, 'notified' as notification, p as j
    from active_consents
    where purpose_code = 'partner_sharing' and until > since
),

-- invitations to what is held together with a partner, since there is an agreement with it
invited as (
    select * replace ('DW-' || j as event_id, 'webinar_partner' as recipient_id, 'relationship' as purpose_code, false as is_bulk, 'notified' as notification)
    from routine
    where recipient_id = 'smtp_relay' and j % 20 = 0 and occurred_at >= timestamp '2025-12-05'
),

-- what should not have been
wrong as (
    -- a report to the analysts that carried a column too many
    select * replace ('DC-' || j as event_id, 'usage_metadata;contact_details' as data_categories)
    from routine
    where recipient_id = 'analytics_co' and occurred_at between timestamp '2026-03-03' and timestamp '2026-03-09'
    union all
    -- for a day the host was answered from another continent
    select * replace ('DT-' || j as event_id, 'IN' as destination_country)
    from routine
    where recipient_id = 'cloudhost' and occurred_at between timestamp '2025-12-11' and timestamp '2025-12-12'
    union all
    -- the mail provider still got the addresses of people whose objection had been granted
    select 'DO-' || row_number() over (order by request_id), closed_at + days(4 + (p % 17)), 'C-' || (400000 + p), false, 'smtp_relay',
        'provide_service', 'relationship', 'contact_details', 'US', 'none', closed_at - days(20), 'notified', p
    from granted
    where right_type = 'objection' and closed_at between timestamp '2026-06-20' and timestamp '2026-09-01' and p % 9 = 4
)

select
    event_id, occurred_at, case when not is_bulk then customer_id end as subject_ref, recipient_id, reason_code, purpose_code, data_categories,
    collected_at,
    case when notification = 'notified' and not is_bulk then collected_at end as disclosed_to_subject_at,
    case when notification = 'prohibited' then 'legal_prohibition' when notification = 'exempt' and not is_bulk
        then case when j % 2 = 0 then 'already_informed' else 'not_possible' end end as disclosure_exemption,
    case when recipient_id = 'county_court' and occurred_at >= timestamp '2025-05-15' then 'SUBP-' || strftime(occurred_at, '%Y') || '-' || (100 + j % 900) end
        as authority_ref,
    destination_country, consideration,
    case when is_bulk then 40 + j % 900 else 1 end as record_count
from (
    from routine
    union all
    from consented
    union all
    from invited
    union all
    from wrong
)
where occurred_at <= last_instant();

create table collection_events as
with
drawn as (
    select
        'CO-' || (500000 + j) as event_id, occurred_at, email as subject_ref, place as jurisdiction, j, x, y,
        case when r(x, 1) < 0.44 then 'automatic' when r(x, 1) < 0.73 then 'requested' else 'feature' end as collection_type
    from ordinary
    where j between 8701 and 16700
    union all
    select 'CO-9' || p, returned_at - days(0.01), email, place, 0, h('act', p), h('act-more', p), 'requested'
    from returned
    inner join quiet using (p)
    where signed_up_again
),

featured as (
    select
        *,
        case when collection_type = 'feature' then
            case
                when occurred_at >= timestamp '2026-02-02 14:00:00' and r(y, 0) < 0.22 then 'call_sentiment'
                else ['meeting_transcript', 'voicemail_transcription', 'call_recording', 'call_summary'][1 + floor(4 * r(y, 1))::bigint]
            end
        end as feature
    from drawn
),

notified as (
    select
        *,
        case
            when feature = 'call_sentiment' and occurred_at < timestamp '2026-03-20' and j % 5 < 3 then 'not_notified'
            when collection_type = 'automatic' and r(x, 2) < 0.03 then 'exempt'
            when r(x, 2) > 0.995 then 'not_notified' else 'notified'
        end as notification
    from featured
)

select
    event_id, occurred_at, subject_ref, collection_type, feature,
    case
        when feature = 'meeting_transcript' then 'meeting_transcript' when feature = 'voicemail_transcription' then 'voicemail_content'
        when feature in ('call_recording', 'call_summary') then 'call_recording' when feature = 'call_sentiment' then 'call_sentiment'
        when collection_type = 'automatic' then 'usage_metadata' else case when j % 6 = 0 then 'contact_details;employment_history' else 'contact_details' end
    end as data_categories,
    case when feature is not null then 'service_delivery' when collection_type = 'automatic' then 'service_functionality' else 'relationship' end
        as purpose_code,
    case when notification = 'notified' then occurred_at - to_seconds(2 + j % 50) end as notice_shown_at,
    case when notification = 'notified' then 'N-' || upper(left(coalesce(feature, collection_type), 3)) end as notice_id,
    case when notification = 'notified' then case when occurred_at < timestamp '2025-12-15 05:00:00' then '2025-04'
        when occurred_at < timestamp '2026-08-01 04:00:00' then '2025-12' else '2026-08' end end as policy_version,
    case when notification = 'exempt' then case when j % 4 = 0 then 'already_informed' else 'not_required' end end as notice_exemption,
    jurisdiction
from notified;

create table processing_events as
with
routine as (
    select
        'PR-' || (600000 + j) as event_id, occurred_at, customer_id,
        case
            when r(x, 1) < 0.40 then 'service_delivery' when r(x, 1) < 0.62 then 'service_functionality' when r(x, 1) < 0.74 then 'legal_compliance'
            when r(x, 1) < 0.88 then 'relationship' else 'user_experience'
        end as purpose_code,
        j, x
    from ordinary
    where j between 16701 and 23200
),

based as (
    select
        event_id, occurred_at, customer_id, purpose_code,
        case purpose_code when 'service_delivery' then ['contact_centre', 'meet', 'voice', 'helpdesk'][1 + j % 4] when 'service_functionality' then 'data_warehouse'
            when 'legal_compliance' then 'billing' when 'relationship' then 'crm' else 'web_analytics' end as system,
        case purpose_code when 'service_delivery' then 'contact_details' when 'legal_compliance' then 'billing_records' when 'relationship' then 'contact_details'
            else 'usage_metadata' end as data_categories,
        purpose_code = 'legal_compliance' and r(x, 2) < 0.08 as automated_decision,
        case purpose_code when 'service_delivery' then 'contract' when 'legal_compliance' then 'legal_obligation' else 'legitimate_interests' end as legal_basis
    from routine
),

consented as (
    select
        'PR-' || (700000 + p) || ':' || part, since + (until - since) * r(h('use', p), part), 'C-' || (400000 + p), purpose_code,
        case purpose_code when 'product_news' then 'marketing_mail' when 'usage_analytics' then case part when 0 then 'web_analytics' else 'data_warehouse' end
            when 'call_recording' then 'contact_centre' else 'partner_gateway' end,
        case purpose_code when 'usage_analytics' then 'usage_metadata' when 'call_recording' then 'call_recording' else 'contact_details' end, false, 'consent'
    from active_consents
    cross join range(0, 2) as parts (part)
    where until > since + days(2) and p % 3 <> 0
),

wrong as (
    -- the data warehouse goes on after the withdrawal
    select 'PR-8' || (10000 + i), withdrawn_at + days(2 + 40 * r(h('goes-on', i), 0)), 'C-' || (400000 + p), 'usage_analytics', 'data_warehouse', 'usage_metadata',
        false, 'consent'
    from consent_histories
    where purpose_code = 'usage_analytics' and withdrawn_at < quiet_from and h('goes-on', i) % 10 < 3
    union all
    -- the mailing system never learnt of objections: since the end of April 2026 it takes its addresses from a copy
    select 'PR-9' || request_id || ':' || part, closed_at + days(3 + 9 * part + p % 5), 'C-' || (400000 + p), 'relationship', 'marketing_mail', 'contact_details',
        false, 'legitimate_interests'
    from granted
    cross join range(0, 2) as parts (part)
    where right_type = 'objection' and closed_at > timestamp '2026-04-20' and p % 3 = 1
        and p not in (select p from granted where right_type = 'restriction')
)

select *
from (
    from based
    union all
    from consented
    union all
    from wrong
)
where occurred_at <= last_instant();
