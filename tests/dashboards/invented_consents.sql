-- Consents of the invented organisation, drawn from hashes, and the figures counted from them: published columns, plain SQL.
create table marts.fct_policy_versions as select * from (values
    ('2025-04', timestamptz '2025-04-01 04:00:00+00', timestamptz '2025-12-15 05:00:00+00'),
    ('2025-12', timestamptz '2025-12-15 05:00:00+00', null)
) t (policy_version, effective_at, superseded_at);

create table marts.fct_consents as
with
purposes (purpose_code, asked, willing) as (values
    ('call_recording', 420, 82), ('product_news', 400, 45), ('partner_offers', 380, 12), ('voice_biometrics', 7, 60)
),
decided as (
    select
        purpose_code, md5('person ' || number) as subject_key, purpose_code || '-' || number as event_id,
        timestamptz '2025-04-02 08:00:00+00' + to_hours((hash(purpose_code, number, 'when') % (24 * 520))::bigint) as decided_at,
        hash(purpose_code, number, 'will') % 100 < willing as is_given,
        hash(purpose_code, number, 'leave') % 5 = 0 as leaves, hash(purpose_code, number, 'proof') % 60 as proof, number
    from purposes cross join lateral (select unnest(range(asked)) as number) where hash(purpose_code, number, 'answer') % 9 > 0
),
told as (
    select *,
        case when is_given and leaves then decided_at + to_hours((24 + hash(number, 'stay') % 3000)::bigint) end as left_at,
        case when proof = 1 then null when proof = 2 then 'v0' when decided_at < timestamptz '2025-12-15 05:00:00+00' then '2025-04'
            when proof = 3 then '2025-04' else '2025-12' end as policy_version,
        if(proof in (1, 4), null, 'notice-7') as notice_id
    from decided
),
ending as (select * replace (if(left_at < timestamptz '2026-10-01 03:59:00+00', left_at, null) as left_at) from told)
select
    subject_key, purpose_code, if(is_given, 'active', 'refused') as state, decided_at as valid_from, left_at as valid_to,
    false as lapsed,
    case when is_given then coalesce(notice_id is not null and (
        (policy_version = '2025-04' and decided_at < timestamptz '2025-12-15 05:00:00+00') or policy_version = '2025-12'
    ), false) end as provable,
    policy_version, notice_id, 'consent_db' as source, 'consent_db' as namespace, event_id,
    'b-' || (1100 + number // 20) as batch_id, 1 + number % 20 as row_number, if(is_given, 'given', 'refused') as event_type,
    true as is_first_decision
from ending
union all by name
select
    subject_key, purpose_code, 'withdrawn' as state, left_at as valid_from, false as lapsed, 'consent_db' as source,
    'consent_db' as namespace, event_id || ':left' as event_id, 'b-' || (1400 + number // 20) as batch_id, 1 + number % 20 as row_number,
    'withdrawn' as event_type, false as is_first_decision
from ending where left_at is not null;

create table marts.fct_withdrawal_systems as
with
expected as (
    select consents.*, named.system, named.slow, named.withdrawal_hours, valid_from as withdrawn_at,
        valid_from + to_hours(named.withdrawal_hours) as confirm_by
    from marts.fct_consents as consents
    inner join (values
        ('call_recording', 'voice', 9, 24), ('call_recording', 'billing', 40, 24), ('product_news', 'mail', 3, 72),
        ('product_news', 'crm', 20, 72), ('partner_offers', 'crm', 20, 72)
    ) named (purpose_code, system, slow, withdrawal_hours) using (purpose_code)
    where consents.state = 'withdrawn'
),
answered as (
    select *, case when hash(event_id, system, 'answer') % 12 > 0
        then withdrawn_at + to_minutes((7 + hash(event_id, system, 'took') % (slow * 60))::bigint) end as answered_at
    from expected
),
known as (
    select * replace (if(answered_at <= timestamptz '2026-10-01 03:59:00+00', answered_at, null) as answered_at) from answered
)
select
    subject_key, purpose_code, withdrawn_at, event_id, system, answered_at as applied_at,
    (epoch_us(answered_at) - epoch_us(withdrawn_at)) / 3600000000 as hours,
    case when answered_at is not null then 'confirmed' when timestamptz '2026-10-01 03:59:00+00' < confirm_by then 'pending'
        else 'unconfirmed' end as status,
    source, namespace, batch_id, row_number, withdrawal_hours::bigint as withdrawal_hours, confirm_by,
    case when answered_at is not null then answered_at <= confirm_by when confirm_by <= timestamptz '2026-10-01 03:59:00+00' then false
    end as in_time,
    case when answered_at is null and hash(event_id, 'again') % 2 = 0 then confirm_by + interval 1 day end as consented_again_at
from known;

alter table marts.fct_metrics add column if not exists pending_units bigint;
alter table marts.fct_metrics add column if not exists worst_numerator bigint;
alter table marts.fct_metrics add column if not exists worst_denominator bigint;

insert into marts.fct_metrics by name
with
periods as (select distinct period_grain, period_start, period_end from marts.fct_metrics),
sliced as (
    select 'decided' as kind, (valid_from at time zone 'America/New_York')::date as day, purpose_code, null as system,
        state = 'active' as is_k, null::double as hours, null::double as lasted
    from marts.fct_consents where is_first_decision
    union all
    select 'confirmed', (withdrawn_at at time zone 'America/New_York')::date, purpose_code, system, not in_time, hours,
        coalesce(hours, (epoch_us(timestamptz '2026-10-01 03:59:00+00') - epoch_us(withdrawn_at)) / 3600000000)
    from marts.fct_withdrawal_systems
),
units as (
    select sliced.*, d.dimension, d.dimension_value from sliced
    cross join lateral (values ('all', 'all'), ('purpose_code', purpose_code), ('system', system)) d (dimension, dimension_value)
    where d.dimension_value is not null
),
counted as (
    select period_grain, period_start, period_end, dimension, dimension_value, kind,
        count(*) as n, count(*) filter (is_k) as k, count(*) filter (is_k is null) as pending
    from units inner join periods on period_start is null or (day >= period_start and day < period_end)
    group by all
),
risks as (
    select period_grain, period_start, period_end, dimension, dimension_value, lasted, count(hours) as ended,
        sum(count(*)) over (partition by period_grain, period_start, dimension, dimension_value order by lasted desc) as at_risk
    from units inner join periods on period_start is null or (day >= period_start and day < period_end)
    where kind = 'confirmed'
    group by period_grain, period_start, period_end, dimension, dimension_value, lasted
),
waiting as (
    select *, product(1 - ended / at_risk) over (
        partition by period_grain, period_start, dimension, dimension_value order by lasted
    ) as share
    from risks
),
lasting as (
    select period_grain, period_start, period_end, dimension, dimension_value, max(at_risk) as n,
        min(lasted) filter (share <= 0.5 + 1e-9) as p50, min(lasted) filter (share <= 0.05 + 1e-9) as p95
    from waiting
    group by all
),
standing as (
    select period_grain, period_start, period_end, d.dimension, d.dimension_value, count(*) as n, count(*) filter (provable) as k
    from marts.fct_consents
    cross join lateral (values ('all', 'all'), ('purpose_code', purpose_code)) d (dimension, dimension_value)
    inner join periods on period_end is null or valid_from < period_end::timestamp at time zone 'America/New_York'
    where state = 'active' and (valid_to is null or valid_to >= period_end::timestamp at time zone 'America/New_York')
    group by all
),
figures as (
    select period_grain, period_start, period_end, dimension, dimension_value, m.* from counted cross join lateral (values
        ('decided', 'consent_opt_in_rate', k, n, k / n, 'share', n, 0),
        ('decided', 'consent_opt_in_rate_of_shown', k, n + n // 9, k / (n + n // 9), 'share', n + n // 9, 0),
        ('decided', 'consent_opt_in_rate_of_all', k, n + n // 7, k / (n + n // 7), 'share', n + n // 7, 0),
        ('confirmed', 'withdrawal_unconfirmed', k, null, k, 'systems', n, pending)
    ) m (of_kind, metric_code, numerator, denominator, value, unit, units, pending_units)
    where m.of_kind = counted.kind and (dimension <> 'system' or kind = 'confirmed')
    union all by name
    select period_grain, period_start, period_end, dimension, dimension_value, m.* from lasting cross join lateral (values
        ('confirmed', 'withdrawal_propagation_p50_hours', null, null, p50, 'hours', n, 0),
        ('confirmed', 'withdrawal_propagation_p95_hours', null, null, p95, 'hours', n, 0)
    ) m (of_kind, metric_code, numerator, denominator, value, unit, units, pending_units)
)
select * exclude (of_kind), value as value_worst, numerator as worst_numerator, denominator as worst_denominator,
    timestamptz '2026-10-01 03:59:00+00' as as_of, 'passed' as quality_verdict
from figures
union all by name
select period_grain, period_start, period_end, dimension, dimension_value, m.*, m.value as value_worst,
    m.numerator as worst_numerator, m.denominator as worst_denominator, 0 as pending_units,
    timestamptz '2026-10-01 03:59:00+00' as as_of, 'passed' as quality_verdict
from standing cross join lateral (values
    ('active_consents', n, null, n::double, 'consents', n), ('consent_provable_rate', k, n, k / n, 'share', n),
    ('processing_without_consent', n // 300, null, n // 300, 'acts', n * 5)
) m (metric_code, numerator, denominator, value, unit, units)
union all by name
select 'to_date' as period_grain, 'log' as dimension, t.log as dimension_value, 'subject_match_rate' as metric_code, t.k as numerator,
    t.n as denominator, t.k / t.n as value, 'share' as unit, t.n as units, timestamptz '2026-10-01 03:59:00+00' as as_of,
    'passed' as quality_verdict
from (values ('consents', 31, 40), ('processing', 28, 40), ('disclosures', 37, 40)) t (log, k, n);

insert into marts.fct_control_results by name
select 'CTL-CONSENT-PROOF' as control_id, 'CON-2' as clause_id, metric_code, dimension, dimension_value, period_grain, period_start,
    period_end, '=' as operator, if(metric_code = 'consent_provable_rate', 1.0, 0.0) as target, unit, value, numerator, denominator,
    case when unit = 'share' then denominator - numerator else value end::bigint as breaches,
    if(value = if(metric_code = 'consent_provable_rate', 1.0, 0.0), 'met', 'missed') as status, 'passed' as quality_verdict,
    units, false as has_control_total
from marts.fct_metrics
where metric_code in ('consent_provable_rate', 'withdrawal_unconfirmed', 'processing_without_consent') and dimension = 'all';
