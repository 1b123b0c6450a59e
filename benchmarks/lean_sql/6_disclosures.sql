-- What was shared, held against eleven promises.

create macro register(name) as table
select * replace (coalesce(valid_from::date, date '0001-01-01') as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to)
from read_csv(getvariable('pack') || '/' || name || '.csv', header = true, all_varchar = true, nullstr = '');

create temp table recipients as
select * replace (string_split(allowed_purposes, ';') as allowed_purposes, string_split(allowed_categories, ';') as allowed_categories)
from register('recipients');

create temp table agreements as from register('agreements');

create temp table categories as
select day, list(data_category) as listed
from range(timestamp '2024-01-01', timestamp '2027-01-01', interval 1 day) as days (day)
inner join register('data_categories') as listed on day::date >= valid_from and day::date < valid_to
group by day;

create temp table shared as
select *, local_date(occurred_at) as day from disclosures;

create temp table partners as
with days as (select distinct recipient_id, day from shared)
select
    days.*,
    any_value(recipient_kind) as recipient_kind,
    any_value(allowed_purposes) as allowed_purposes,
    any_value(allowed_categories) as allowed_categories,
    arg_max(agreement_ref, agreements.valid_from) as agreement_ref,
    arg_max(transfer_mechanism, agreements.valid_from) filter (transfer_mechanism is not null) as transfer_mechanism
from days
left join recipients
    on days.recipient_id = recipients.recipient_id and day >= recipients.valid_from and day < recipients.valid_to
left join agreements
    on days.recipient_id = agreements.recipient_id and day >= agreements.valid_from and day < agreements.valid_to
group by days.recipient_id, days.day;

-- What goes beyond the register is asked once for each combination of recipient, day and categories.
create temp table beyond as
select
    recipient_id, day, data_categories,
    if(
        recipient_kind is null, null,
        list_sort(list_distinct(list_filter(data_categories, lambda c: not list_contains(allowed_categories, c))))
    ) as forbidden_categories,
    list_sort(list_distinct(list_filter(data_categories, lambda c: not list_contains(listed, c)))) as unlisted_categories
from (select distinct recipient_id, day, data_categories from shared)
inner join partners using (recipient_id, day)
inner join categories using (day);

create temp table safe as
select unnest([
    'AT', 'BE', 'BG', 'HR', 'CY', 'CZ', 'DK', 'EE', 'FI', 'FR', 'DE', 'GR', 'HU', 'IS', 'IE', 'IT', 'LV', 'LI', 'LT', 'LU', 'MT',
    'NL', 'NO', 'PL', 'PT', 'RO', 'SK', 'SI', 'ES', 'SE', 'GB', 'CH'
]) as country;

create temp table agreed as
select event_id
from shared
left join persons using (subject_key)
asof inner join active
    on coalesce(persons.person_key, shared.subject_key) = active.person_key and shared.purpose_code = active.purpose_code
    and shared.occurred_at >= active.valid_from
where reason_code <> 'required_by_law' and shared.occurred_at < active.valid_to;

create temp table stopped as
select
    event_id,
    min({stopped_at: stopped_at, request_key: request_key, right_type: right_type}) filter (is_known) as first_stop,
    list_sort(list(distinct right_type) filter (is_known)) as right_types
from bound('shared')
inner join shared using (event_id)
inner join partners using (recipient_id, day)
where
    reason_code <> 'required_by_law'
    and (
        right_type in ('erasure', 'objection', 'restriction')
        or (right_type = 'opt_out_sale_share' and (consideration <> 'none' or recipient_kind is distinct from 'service_provider'))
    )
group by event_id;

create table snapshot.fct_disclosures as
with
checked as (
    select
        shared.* exclude (counts, collides, recorded_at, revision, key_id, landed_at),
        recipient_kind, agreement_ref, transfer_mechanism, forbidden_categories, unlisted_categories,
        recipient_kind is not null as ok_recipient,
        case recipient_kind
            when 'service_provider' then reason_code in ('provide_service', 'service_functionality')
            when 'legal_authority' then reason_code = 'required_by_law'
            when 'consented_party' then reason_code = 'consented_or_requested'
            when 'other_authorised' then reason_code <> 'consented_or_requested'
        end as ok_reason,
        if(recipient_kind in ('service_provider', 'other_authorised'), agreement_ref is not null, null) as ok_agreement,
        case
            when reason_code = 'consented_or_requested' or (reason_code <> 'required_by_law' and subject_key is not null and purpose_code in (
                select p.purpose_code
                from read_csv(getvariable('pack') || '/purposes.csv', header = true, all_varchar = true, nullstr = '') as p
                where p.consent_required = 'yes'
                    and day >= coalesce(p.valid_from::date, date '0001-01-01') and day < coalesce(p.valid_to::date, date '9999-12-31')
            )) then agreed.event_id is not null
        end as ok_consent,
        if(recipient_kind = 'legal_authority', authority_ref is not null, null) as ok_authority,
        if(recipient_kind is not null, len(forbidden_categories) = 0, null) as ok_categories,
        list_contains(allowed_purposes, purpose_code) as ok_purpose,
        if(destination_country is null, null, safe.country is not null or transfer_mechanism is not null) as ok_transfer,
        consideration = 'none' as ok_no_sale,
        if(subject_key is not null and disclosure_exemption is null, coalesce(
            disclosed_to_subject_at <= occurred_at and disclosed_to_subject_at >= (select min(effective_at) from versions), false
        ), null) as ok_told,
        if(subject_key is not null and reason_code <> 'required_by_law', if(first_stop is not null, false, if(stopped.event_id is null, true, null)), null) as ok_not_stopped,
        first_stop.request_key as stopped_by,
        first_stop.right_type as stopped_right_type,
        right_types as stopped_right_types,
        first_stop.stopped_at as stopped_at
    from shared
    inner join partners using (recipient_id, day)
    inner join beyond using (recipient_id, day, data_categories)
    left join safe on destination_country = safe.country
    left join agreed on shared.event_id = agreed.event_id
    left join stopped on shared.event_id = stopped.event_id
),

numbered as (
    select
        *,
        (not coalesce(ok_recipient, true))::int + (not coalesce(ok_reason, true))::int * 2 + (not coalesce(ok_agreement, true))::int * 4
        + (not coalesce(ok_consent, true))::int * 8 + (not coalesce(ok_authority, true))::int * 16
        + (not coalesce(ok_categories, true))::int * 32 + (not coalesce(ok_purpose, true))::int * 64
        + (not coalesce(ok_transfer, true))::int * 128 + (not ok_no_sale)::int * 256 + (not coalesce(ok_told, true))::int * 512
        + (not coalesce(ok_not_stopped, true))::int * 1024 as failures
    from checked
),

names as (
    select
        failures,
        list_filter(
            [
                'ok_recipient', 'ok_reason', 'ok_agreement', 'ok_consent', 'ok_authority', 'ok_categories', 'ok_purpose', 'ok_transfer',
                'ok_no_sale', 'ok_told', 'ok_not_stopped'
            ],
            lambda name, place: (failures >> (place - 1)::int) & 1 = 1
        ) as failed_checks
    from (select unnest(range(2048))::int as failures)
)

select
    numbered.* exclude (failures, day), day as occurred_date, failures = 0 as within_policy, failed_checks,
    disclosure_exemption is not null as exempt_told
from numbered
inner join names using (failures);
