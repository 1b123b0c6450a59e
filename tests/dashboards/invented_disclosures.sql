-- Disclosures and agreements of the invented organisation, and the figures counted from them: published columns, plain SQL.
create table marts.dim_agreements as
with written (agreement_ref, recipient_id, recipient_kind, country, valid_from, valid_to, transfer_mechanism, followed_by) as (values
    ('DPA-2023-117', 'ostend_billing', 'service_provider', 'IE', date '2023-10-25', date '2026-10-25', 'standard clauses', null),
    ('DPA-2024-009', 'harper_legal', 'other_authorised', 'US', date '2024-01-01', date '2026-12-16', null, 'DPA-2026-002'),
    ('DPA-2026-002', 'harper_legal', 'other_authorised', 'US', date '2026-12-01', null, null, null),
    ('DPA-2022-040', 'northline_mail', 'service_provider', 'US', date '2022-05-01', null, null, null),
    ('DPA-2025-003', 'clearvoice_ai', 'service_provider', 'IN', date '2025-01-01', date '2026-06-01', 'standard clauses', null)
)
select *, (valid_to - interval 1 day)::date as last_day,
    valid_from <= date '2026-09-30' and coalesce(valid_to > date '2026-09-30', true) as is_in_force,
    (valid_to - interval 1 day)::date - date '2026-09-30' as days_left, date '2026-09-30' as as_of_date
from written;

create table marts.rpt_gdpr_art30 as select * from (values
    ('service_delivery', ['IE: adequate', 'IN: standard clauses', 'VN: none named']), ('product_news', []::varchar[])
) t (purpose_code, transfers);

create table marts.fct_disclosures as
with
recipients (recipient_id, recipient_kind, country, mechanism, often, reason) as (values
    ('northline_mail', 'service_provider', 'US', null, 45, 'provide_service'),
    ('clearvoice_ai', 'service_provider', 'IN', 'standard clauses', 25, 'provide_service'),
    ('ostend_billing', 'service_provider', 'IE', null, 15, 'provide_service'),
    ('harper_legal', 'other_authorised', 'US', null, 8, 'service_functionality'),
    ('state_police', 'legal_authority', 'US', null, 4, 'required_by_law'),
    ('tallow_events', null, 'VN', null, 3, 'provide_service')
),
made as (
    select recipients.*, number, 'D-' || recipient_id || '-' || number as event_id,
        timestamptz '2025-04-02 08:00:00+00' + to_hours((hash(recipient_id, number) % (24 * 545))::bigint) as occurred_at,
        hash(recipient_id, number, 'told') % 40 > 0 as is_told, hash(recipient_id, number, 'free') % 60 > 0 as is_free,
        hash(recipient_id, number, 'exempt') % 50 = 0 as is_exempt,
        hash(recipient_id, number, 'what') % 70 > 0 or recipient_id <> 'clearvoice_ai' as is_allowed
    from recipients cross join lateral (select unnest(range(often * 14)) as number)
),
stops as (
    select row_number() over (order by closed_at, request_key) - 1 as place, count(*) over () as many, request_key, right_type, closed_at
    from marts.fct_requests where outcome = 'fulfilled' and right_type in ('erasure', 'objection') and closed_at is not null
),
judged as (
    select made.*, (occurred_at at time zone 'America/New_York')::date as occurred_date, stops.request_key, stops.right_type, stops.closed_at,
        made.recipient_kind is not null as ok_recipient,
        if(made.recipient_kind is null, null, true) as ok_reason,
        case when made.recipient_kind in ('service_provider', 'other_authorised')
            then not (made.recipient_id = 'clearvoice_ai' and occurred_at >= timestamptz '2026-06-01 04:00:00+00') end as ok_agreement,
        null::boolean as ok_consent,
        case when made.recipient_kind = 'legal_authority' then number % 17 > 0 end as ok_authority,
        if(made.recipient_kind is null, null, is_allowed) as ok_categories,
        if(made.recipient_kind is null, null, true) as ok_purpose,
        made.recipient_id <> 'tallow_events' as ok_transfer, true as ok_no_sale,
        case when made.recipient_kind is distinct from 'legal_authority' and not is_exempt then is_told end as ok_told,
        case when made.recipient_kind is distinct from 'legal_authority' then is_free or stops.request_key is null end as ok_not_stopped
    from made
    left join stops on not made.is_free and stops.place = made.number % stops.many and stops.closed_at < made.occurred_at
)
select
    'disclosure_log' as namespace, event_id, 'crm_export' as source, md5('person ' || number) as subject_key, occurred_at, occurred_date,
    recipient_id, recipient_kind, reason as reason_code, 'service_delivery' as purpose_code, ['contact_details', 'usage'] as data_categories,
    if(is_told, occurred_at, null) as disclosed_to_subject_at, country as destination_country, 'none' as consideration,
    (1 + number % 3)::bigint as record_count, columns('^ok_'),
    coalesce(ok_recipient and ok_agreement is not false and ok_authority is not false and ok_categories is not false and ok_transfer
        and ok_told is not false and ok_not_stopped is not false, false) as within_policy,
    list_filter([
        if(ok_recipient, null, 'ok_recipient'), if(ok_agreement is false, 'ok_agreement', null),
        if(ok_authority is false, 'ok_authority', null), if(ok_categories is false, 'ok_categories', null),
        if(ok_transfer, null, 'ok_transfer'), if(ok_told is false, 'ok_told', null),
        if(ok_not_stopped is false, 'ok_not_stopped', null)
    ], lambda name: name is not null) as failed_checks,
    is_exempt as exempt_told, false as needs_consent, if(ok_agreement, 'DPA-1', null) as agreement_ref, mechanism as transfer_mechanism,
    if(ok_categories, [], ['usage']) as forbidden_categories,
    if(ok_not_stopped is false, request_key, null) as stopped_by, if(ok_not_stopped is false, right_type, null) as stopped_right_type,
    if(ok_not_stopped is false, [right_type], null) as stopped_right_types, if(ok_not_stopped is false, closed_at, null) as stopped_at,
    [] as possible_stop_right_types, if(request_key is null, [], [right_type]) as stops_in_force,
    'b-' || (2200 + number // 20) as batch_id, 1 + number % 20 as row_number
from judged where occurred_at <= timestamptz '2026-10-01 03:59:00+00';

alter table marts.fct_metrics add column if not exists pending_units bigint;
alter table marts.fct_metrics add column if not exists worst_numerator bigint;
alter table marts.fct_metrics add column if not exists worst_denominator bigint;

insert into marts.fct_metrics by name
with
periods as (select distinct period_grain, period_start, period_end from marts.fct_metrics where dimension = 'all'),
units as (
    select disclosures.*, d.dimension, d.dimension_value from marts.fct_disclosures as disclosures
    cross join lateral (values ('all', 'all'), ('recipient_id', recipient_id)) d (dimension, dimension_value)
),
counted as (
    select period_grain, period_start, period_end, dimension, dimension_value, m.metric_code, m.unit, m.is_rate,
        sum(m.weight) filter (m.is_k) as k, sum(m.weight) filter (m.is_k is not null) as n, count(*) as seen
    from units inner join periods on period_start is null or (occurred_date >= period_start and occurred_date < period_end)
    cross join lateral (values
        ('within_policy_rate', within_policy, 1, 'share', true), ('within_policy_rate_by_records', within_policy, record_count, 'share', true),
        ('disclosure_told_rate', ok_told, 1, 'share', true), ('told_exempt_rate', exempt_told, 1, 'share', true),
        ('sale_count', not ok_no_sale, 1, 'disclosures', false), ('disclosure_after_stop', case when stops_in_force <> [] then not ok_not_stopped end, 1, 'disclosures', false)
    ) m (metric_code, is_k, weight, unit, is_rate)
    group by all
)
select metric_code, period_grain, period_start, period_end, dimension, dimension_value, coalesce(k, 0)::bigint as numerator,
    if(is_rate, coalesce(n, 0), null)::bigint as denominator, if(is_rate, coalesce(k, 0) / nullif(n, 0), coalesce(k, 0)) as value,
    if(is_rate, coalesce(k, 0) / nullif(n, 0), coalesce(k, 0)) as value_worst, coalesce(k, 0)::bigint as worst_numerator,
    if(is_rate, coalesce(n, 0), null)::bigint as worst_denominator, unit, timestamptz '2026-10-01 03:59:00+00' as as_of, 'passed' as quality_verdict,
    coalesce(n, 0)::bigint as units, 0 as pending_units
from counted;

insert into marts.fct_control_results by name
select 'CTL-SHARING' as control_id, 'SHA-1' as clause_id, metric_code, dimension, dimension_value, period_grain, period_start,
    period_end, if(unit = 'share', '>=', '=') as operator, if(unit = 'share', 0.95, 0.0) as target, unit, value, numerator, denominator,
    case when unit = 'share' then denominator - numerator else value end::bigint as breaches,
    case when unit <> 'share' then if(value = 0, 'met', 'missed') when value < 0.95 then 'missed'
        when numerator < denominator then 'met_within_tolerance' else 'met' end as status,
    'passed' as quality_verdict, units, false as has_control_total
from marts.fct_metrics
where metric_code in ('disclosure_told_rate', 'sale_count', 'disclosure_after_stop') and dimension = 'all' and value is not null;
