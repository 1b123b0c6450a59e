-- The marts of the invented organisation, counted from `facts` (invented.py fills it): published columns, plain SQL.
create table marts.fct_requests as
select *,
    received_date::timestamptz + interval 13 hour as received_at, received_date as start_date, received_date + 1 as acknowledged_date,
    received_date + 3 as ack_due_date, closed_date::timestamptz + interval 15 hour as closed_at,
    false as closed_while_paused, false as withdrawn_overdue, if(extension_status = 'none', null, received_date + 20) as notice_date,
    status = 'open_in_time' and due_date <= date '2026-10-07' as due_soon, null::date as declared_due_date,
        null::timestamptz as due_at,
        null::boolean as declared_differs,
    if(status = 'paused', received_date + 2, null) as paused_since, if(status = 'paused', date '2026-12-01', null) as due_date_if_resumed,
    if(extension_status = 'none', null, 'number_of_requests') as extension_reason,
    if(status = 'closed_late', closed_date::timestamptz + interval 30 day, null) as answer_recorded_at,
    status = 'closed_late' as answer_recorded_late,
    case ord(right(request_id, 1)) % 3 when 0 then '{"department":"Sales"}' when 1 then '{"department":"Support"}' end as dimensions,
    if(status = 'excluded', date '2026-03-09', null) as forwarding_due_date, if(status = 'excluded', 'late', null) as forwarding_status,
    'high' as rule_confidence, request_id || ':received' as event_id, 'America/New_York' as time_zone,
    request_key in (select t.request_key from marts.fct_request_traces t where contains(t.trace, '"conflict"')) as has_conflict
from facts;

create table marts.fct_metrics as
with
periods as (
    select distinct grain, date_trunc(grain, day)::date as start, (date_trunc(grain, day) + length)::date as stop
    from (select unnest(generate_series(date '2025-04-01', date '2026-09-30', interval 1 day))::date as day)
    cross join (values ('month', interval 1 month), ('quarter', interval 3 month), ('year', interval 1 year)) grains (grain, length)
    union all select 'to_date', null, null
),
units as (
    select f.*, d.dimension, d.dimension_value
    from marts.fct_requests f
    cross join lateral (values ('all', 'all'), ('jurisdiction', jurisdiction), ('regime_code', regime_code), ('right_type',
        right_type), ('channel', channel), ('department', coalesce(dimensions ->> 'department', 'unknown')))
        d (dimension, dimension_value)
),
counted as (
    select m.code, grain, start, stop, dimension, dimension_value, unit,
        count(*) filter (m.k) as k, count(*) filter (m.n) as n,
        median(days_to_close) filter (m.k) as middle, quantile_cont(days_to_close, 0.9) filter (m.k) as high, m.statistic
    from periods
    inner join units on true
    cross join lateral (values
        ('deadline_adherence', coalesce(due_date, closed_date), status = 'closed_on_time', status in ('closed_on_time',
            'closed_late', 'open_overdue'), 'share', 'rate'),
        ('deadline_adherence_strict', coalesce(due_date, closed_date), strict_status = 'closed_on_time',
            strict_status in ('closed_on_time', 'closed_late', 'open_overdue'), 'share', 'rate'),
        ('max_achievable_adherence', received_date, status in ('closed_on_time', 'open_in_time', 'paused'),
            status in ('closed_on_time', 'open_in_time', 'paused', 'closed_late', 'open_overdue'), 'share', 'rate'),
        ('acknowledgement_adherence', ack_due_date, ack_status = 'on_time', ack_status is not null, 'share', 'rate'),
        ('denial_without_ground_count', closed_date, outcome = 'denied' and denial_reason is null, true, 'requests', 'count'),
        ('median_days_to_close', closed_date, closed_date is not null and status <> 'excluded', true, 'days', 'median'),
        ('p90_days_to_close', closed_date, closed_date is not null and status <> 'excluded', true, 'days', 'p90')
    ) m (code, placed, k, n, unit, statistic)
    where start is null or (m.placed >= start and m.placed < stop)
    group by all
)
select code as metric_code, grain as period_grain, start as period_start, stop as period_end, dimension, dimension_value,
    case statistic when 'rate' then k when 'count' then k end as numerator, case statistic when 'rate' then n end as denominator,
    case statistic when 'rate' then k / nullif(n, 0) when 'median' then middle when 'p90' then high else k end as value,
    case when statistic = 'rate' then greatest(0, k - 2) / nullif(n, 0) end as value_worst,
    unit, timestamptz '2026-10-01 03:59:00+00' as as_of, 'high' as rule_confidence, 'passed' as quality_verdict, n as units
from counted;

create table marts.dim_metrics as select * from (values
    ('deadline_adherence', 'Answered on time', 'closed_on_time / (closed_on_time + closed_late + open_overdue)'),
    ('acknowledgement_adherence', 'Acknowledged on time', 'on_time / (on_time + late + open_overdue)'),
    ('denial_without_ground_count', 'Denials without a ground', 'Denials whose ground is none of the seven'),
    ('consent_provable_rate', 'Consents that can be proven', 'provable / active')
) t (metric_code, name, description);
alter table marts.dim_metrics add column dimensions varchar[];
update marts.dim_metrics set dimensions = ['all', 'jurisdiction', 'department'] where metric_code = 'deadline_adherence';
create table marts.dim_names as select * from (values
    ('own', 'department', 'Department', true), ('own', 'product_line', 'Product line', true)
) t (dimension, code, name, is_in_force);
alter table marts.dim_metrics add column counted varchar;
alter table marts.dim_metrics add column out_of varchar;
update marts.dim_metrics set counted = 'closed on time', out_of = 'closed on time + closed late + open and overdue'
where metric_code = 'deadline_adherence';
create table marts.dim_clauses as
select *, case clause_id when 'RIG-1' then 'Privacy Operations' end as owner,
    case clause_id when 'RIG-1' then date '2026-10-31' end as remedy_due
from (values
    ('RIG-1', 'Rights', 'A person can see the data held on them', 'policy', 'measured', 'completeness of answers is not measured'),
    ('RIG-4', 'Rights', 'A person can have data erased and it really is erased', 'policy', 'partly',
        'as good as the match between the logs'),
    ('RIG-6', 'Rights', 'A person can have processing stopped', 'law', 'measured', null),
    ('RIG-8', 'Rights', 'Rights are honoured in the manner and the time that the law of the place asks for', 'law', 'measured', null),
    ('RIG-9', 'Rights', 'Requests by e-mail and by mail are both answered', 'policy', 'measured', null),
    ('RIG-10', 'Rights', 'No request is refused without a ground in law', 'good_practice', 'measured', null),
    ('CON-1', 'Consent', 'Consent can be proven and its withdrawal takes effect everywhere', 'policy', 'measured', null),
    ('SEC-1', 'Protection', 'Information is guarded against unauthorised access', 'policy', 'manual', null)
) t (clause_id, section, promise, source, assessed_by, limits);

create table marts.dim_exceptions as select 'EX-7' as exception_id, 'CTL-RIGHT-ACCESS' as control_id, 'RIG-1' as clause_id,
    'requests by post' as scope, 'The scanning service changed hands' as reason, 'Data Protection Officer' as approved_by,
    date '2026-09-01' as valid_from, date '2026-12-01' as valid_to, date '2026-11-30' as last_day, true as is_in_force,
    date '2026-09-30' as as_of_date;

create table marts.fct_control_results as
with targets (control_id, clause_id, metric_code, dimension, dimension_value, operator, target) as (values
    ('CTL-RIGHT-ACCESS', 'RIG-1', 'deadline_adherence', 'right_type', 'access', '>=', 0.98),
    ('CTL-RIGHT-ERASURE', 'RIG-4', 'deadline_adherence', 'right_type', 'erasure', '>=', 0.98),
    ('CTL-RIGHT-OBJECTION', 'RIG-6', 'deadline_adherence', 'right_type', 'objection', '>=', 0.90),
    ('CTL-DEADLINE', 'RIG-8', 'deadline_adherence', 'all', 'all', '>=', 0.98),
    ('CTL-DEADLINE', 'RIG-8', 'acknowledgement_adherence', 'all', 'all', '>=', 0.98),
    ('CTL-CHANNEL', 'RIG-9', 'deadline_adherence', 'channel', 'email', '>=', 0.90),
    ('CTL-CHANNEL', 'RIG-9', 'deadline_adherence', 'channel', 'mail', '>=', 0.90),
    ('CTL-GROUND', 'RIG-10', 'denial_without_ground_count', 'all', 'all', '=', 0)
),
periods as (select distinct period_grain, period_start, period_end from marts.fct_metrics),
judged as (
    select t.*, p.*, m.numerator, m.denominator, m.units, m.value, m.value_worst, s.value as value_strict, coalesce(m.unit, 'share') as unit
    from targets t cross join periods p
    left join marts.fct_metrics m on m.metric_code = t.metric_code and m.dimension = t.dimension and m.dimension_value = t.dimension_value
        and m.period_grain = p.period_grain and m.period_start is not distinct from p.period_start
    left join marts.fct_metrics s on s.metric_code = t.metric_code || '_strict' and s.dimension = t.dimension
        and s.dimension_value = t.dimension_value
        and s.period_grain = p.period_grain and s.period_start is not distinct from p.period_start
)
select *, case when unit = 'share' then denominator - numerator else coalesce(value, 0) end::bigint as breaches,
    case
        when value is null and unit = 'share' then 'not_applicable'
        when unit <> 'share' then if(coalesce(value, 0) = target, 'met', 'missed')
        when value < target then 'missed'
        when coalesce(value_strict, value) < target or value_worst < target then 'met_on_main_reading'
        when denominator > numerator then 'met_within_tolerance'
        else 'met'
    end as status,
    null::varchar as reason, 'passed' as quality_verdict, false as has_control_total, null::varchar as attestation_result,
        null::date as attested_on,
    null::varchar as attested_by, null::date as attestation_valid_to
from judged
union all by name
select 'CTL-CONSENT' as control_id, 'CON-1' as clause_id, 'consent_provable_rate' as metric_code, 'all' as dimension,
    'all' as dimension_value,
    '=' as operator, 1.0 as target, p.*, 'share' as unit, 'insufficient_evidence' as status, 'log absent: consents' as reason,
        'not_configured' as quality_verdict
from periods p
union all by name
select 'CTL-SEC' as control_id, 'SEC-1' as clause_id, p.*, 'manual' as status,
    'manual assessment: effective, stands until 2027-03-31' as reason, 'effective' as attestation_result, date '2026-03-31' as attested_on,
    'internal_audit' as attested_by, date '2027-03-31' as attestation_valid_to, 'not_configured' as quality_verdict
from periods p;

create table marts.fct_control_status as
select control_id, clause_id, period_grain, period_start, period_end,
    arg_min(status, r) as status, arg_min(reason, r) as reason, sum(breaches)::bigint as breaches
from (
    select *, list_position(['missed', 'insufficient_evidence', 'met_on_main_reading', 'met_within_tolerance', 'manual',
        'not_yet_due', 'not_applicable', 'met'], status) as r
    from marts.fct_control_results
) group by all;

create table marts.fct_findings as
select *, md5(to_json([finding_code, cause])::varchar) as group_key from (
select *, to_json({'source': source})::varchar as cause from (
select md5(request_key) as finding_key, if(status = 'closed_late', 'closed_late', 'overdue_open') as finding_code,
    if(status = 'closed_late', 'medium', 'high') as severity, 'CTL-DEADLINE' as control_id,
    if(right_type = 'erasure', ['CTL-DEADLINE', 'CTL-RIGHT-ERASURE'], ['CTL-DEADLINE']) as control_ids,
    subject_key, 'requests/' || request_key as entity, received_at as occurred_at, received_at as first_seen_at,
    to_json({'due_date': due_date, 'days_overdue': days_overdue})::varchar as detail, source, event_id, batch_id, row_number,
    'requests' as area, if(status = 'closed_late', 'Answered after its due date', 'Open and past its due date') as word, right_type
from marts.fct_requests where status in ('closed_late', 'open_overdue')
union all by name
select md5('stale' || source) as finding_key, 'stale_source' as finding_code, 'low' as severity, null::varchar as control_id,
    []::varchar[] as control_ids, null::varchar as subject_key, 'sources/' || source as entity, null::timestamptz as occurred_at,
    null::timestamptz as first_seen_at, null::varchar as detail, source, null::varchar as event_id, null::varchar as batch_id,
    null::bigint as row_number, 'evidence' as area, 'An expected delivery did not come' as word, null::varchar as right_type
from (values ('legacy_tickets')) t (source)
union all by name
select md5('conflict' || request_key) as finding_key, 'conflict' as finding_code, 'high' as severity, null::varchar as control_id,
    []::varchar[] as control_ids, subject_key, 'requests/' || namespace || '/' || request_id as entity, received_at as occurred_at,
    received_at as first_seen_at, '{"versions": 2, "revision": 0}' as detail, source, event_id, batch_id, 98 as row_number,
    'evidence' as area, 'Conflicting versions of one event' as word, null::varchar as right_type
from marts.fct_requests where has_conflict
));
create table marts.rpt_waterfall as
select period_grain, period_start, period_end, 'all' as dimension, 'all' as dimension_value, count(*) as received,
    count_if(status = 'closed_on_time') as closed_on_time, count_if(status = 'excluded') as excluded, 0 as balance
from (select distinct period_grain, period_start, period_end from marts.fct_metrics) p
inner join marts.fct_requests r on p.period_start is null or (r.received_date >= p.period_start and r.received_date < p.period_end)
group by all;

-- In each source somebody mistyped the year of an event.
create table marts.audit_sources as select *, last_landed_at + interval 1 year as last_event_at, timestamptz '2026-10-01 03:59:00+00' as as_of from (values
    ('helpdesk', 'requests', true, 'helpdesk' = 'helpdesk', timestamptz '2026-10-01 01:10:00+00', 48211, 47902, 288, 0, 3, 18),
    ('legacy_tickets', 'requests', false, 'legacy_tickets' = 'helpdesk', timestamptz '2026-09-26 23:10:00+00', 12044, 11810, 190,
        0, 12, 32),
    ('consent_db', 'consents', null, 'consent_db' = 'helpdesk', timestamptz '2026-10-01 02:00:00+00', 901233, 899870, 1203, 0, 0, 160)
) t (source, log, is_fresh, has_control_total, last_landed_at, read, landed, duplicate, superseding, conflicting, quarantined);
create table marts.fct_source_completeness as
select source, day::date as day, stated, events, events - stated as difference, missing_numbers,
    greatest(stated - events - if(source = 'helpdesk', 1, 0), 0) as missing_events, -- of which one was rejected
    case when stated is null then if(source = 'legacy_tickets', 'no_control_total', 'day_not_stated') end as unstated_reason
from (values
    ('helpdesk', '2026-09-28', 41, 41, 0), ('helpdesk', '2026-09-29', 44, 41, 3), ('helpdesk', '2026-09-30', 12, 12, 0),
    ('legacy_tickets', '2026-09-26', null, 9, null), ('consent_db', '2026-09-29', 900, 900, null), ('consent_db', '2026-09-30', null, 8, null)
) t (source, day, stated, events, missing_numbers);
create table marts.audit_quarantine as select * from (values
    ('helpdesk', 'requests', 'unknown_code', 'right_type', 18), ('legacy_tickets', 'requests', 'nonexistent_local_time',
        'occurred_at', 32),
    ('consent_db', 'consents', 'missing_value', 'subject_ref', 160)
) t (source, log, reason, column_name, rows);
create table marts.audit_source_verdicts as select * from (values
    ('requests', null, 'source/requests', 'passed', 14, 14, []::varchar[]), ('requests', 'legacy_tickets', 'source/requests',
        'failed', 6, 5, ['freshness']),
    ('consents', null, 'source/consents', 'passed', 12, 12, []::varchar[]), ('incidents', null, 'source/incidents',
        'not_configured', 0, 0, []::varchar[])
) t (log, source, suite, verdict, declared, passed, failed_checks);
