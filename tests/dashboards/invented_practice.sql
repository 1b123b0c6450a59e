-- Figures, verdicts and findings of what invented_practice.py drew, counted in plain SQL; states at the end of each month.
create temporary table practice_periods as
select distinct period_grain as grain, period_start as start, period_end as stop from marts.fct_metrics;

create temporary table practice_units (
    code varchar, unit varchar, rate boolean, day date, dimension varchar, dimension_value varchar, k bigint, n bigint, looked_at bigint
);

-- What happened on a day: (metric, unit, is it a rate, day, dimension, value, part, whole, looked at). A figure that another
-- log's file has told already is left alone.
insert into practice_units
select m.code, m.unit, m.rate, m.day, d.dimension, d.dimension_value, m.k, m.n, 1
from (
    select * exclude (partial_deletions) from marts.fct_records
    union all by name
    select * exclude (partial_deletions, part) replace (
        part.deleted_date as deleted_date, part.status as status, part.record_count as deleted_record_count,
        null as reappeared_at, null as scanned_after_deletion
    )
    from (select *, unnest(partial_deletions) as part from marts.fct_records)
) r
cross join lateral (values
    ('deletion_timeliness', 'share', true, if(status in ('deleted_on_time', 'deleted_late'), deleted_date, null),
        (status = 'deleted_on_time')::int * deleted_record_count, deleted_record_count),
    ('reappeared_records', 'record sets', false,
        if(status = 'reappeared' or scanned_after_deletion, coalesce(reappeared_at::date, deleted_date), null), (status = 'reappeared')::int, null),
    ('deletions_under_hold', 'record sets', false, if(had_hold, deleted_date, null), (status = 'deleted_under_hold')::int, null),
    ('early_deletions', 'record sets', false, if(has_minimum, deleted_date, null), (status = 'deleted_early')::int, null)
) m (code, unit, rate, day, k, n)
cross join lateral (values ('all', 'all'), ('data_category', data_category), ('system', system)) d (dimension, dimension_value)
where m.day is not null;

insert into practice_units
select m.code, m.unit, m.rate, closed_date, 'all', 'all', m.k, m.n, 1
from marts.fct_erasures
cross join lateral (values
    ('erasure_completeness', 'share', true, (status = 'complete')::int, (status in ('complete', 'incomplete'))::int),
    ('erasures_without_records', 'requests', false, (status = 'no_records_found')::int, null)
) m (code, unit, rate, k, n);

insert into practice_units
select m.code, m.unit, m.rate, occurred_date, d.dimension, coalesce(d.dimension_value, 'unknown'), m.k, m.n, 1
from marts.fct_collections
cross join lateral (values
    ('notice_at_collection_rate', 'share', true, coalesce(ok_notice, false)::int, (ok_notice is not null)::int),
    ('notice_exempt_rate', 'share', true, (ok_notice is null)::int, 1)
) m (code, unit, rate, k, n)
cross join lateral (values ('all', 'all'), ('collection_type', collection_type), ('feature', feature)) d (dimension, dimension_value);

insert into practice_units
select 'unlisted_category_count', 'rows', false, occurred_date, 'all', 'all', (not ok_categories)::int, null, 1
from (select occurred_date, ok_categories from marts.fct_collections union all select occurred_date, ok_categories from marts.fct_processing);

insert into practice_units
select m.code, m.unit, m.rate, occurred_date, m.dimension, m.dimension_value, m.k, m.n, 1
from marts.fct_processing
cross join lateral (values
    ('purpose_limitation_rate', 'share', true, 'all', 'all', ok_purpose::int, 1),
    ('consent_required_on_other_basis', 'acts', false, 'all', 'all', (ok_basis is false)::int, null),
    ('processing_without_consent', 'acts', false, 'all', 'all', (ok_consent is false)::int, null),
    ('processing_after_stop', 'acts', false, 'all', 'all', (ok_not_stopped is false)::int, null),
    ('processing_after_stop', 'acts', false, 'right_type', stopped_right_type, 1, null),
    ('acts_while_pending', 'acts', false, 'all', 'all', (pending_right_types <> [])::int, null),
    ('automated_decisions_after_objection', 'acts', false, 'all', 'all', (ok_no_automated_decision is false)::int, null)
) m (code, unit, rate, dimension, dimension_value, k, n)
where m.dimension_value is not null;

insert into practice_units
select m.code, m.unit, m.rate, m.day, m.dimension, m.dimension_value, m.k, m.n, 1
from marts.fct_incidents
cross join lateral (values
    ('authority_notification_adherence', 'share', true, authority_due_at::date, 'all', 'all', on_time::int, 1),
    ('person_notification_adherence', 'share', true, persons_due_at::date, 'all', 'all', (persons_status = 'on_time')::int, 1),
    ('incident_count', 'incidents', false, detected_date, 'all', 'all', 1, null),
    ('incident_count', 'incidents', false, detected_date, 'incident_type', incident_type, 1, null),
    ('affected_subjects', 'persons', false, detected_date, 'all', 'all', affected_subjects, null)
) m (code, unit, rate, day, dimension, dimension_value, k, n)
where (m.code <> 'authority_notification_adherence' or on_time is not null)
    and (m.code <> 'person_notification_adherence' or persons_status in ('on_time', 'late', 'open_overdue'));

insert into practice_units
select m.code, m.unit, m.rate, m.day, 'all', 'all', m.k, m.n, 1
from marts.fct_policy_versions
cross join lateral (values
    ('policy_change_notice_coverage', 'share', true, if(material, effective_date, null), notified_before_effective_count, audience_size),
    ('policy_date_mismatch_count', 'versions', false, published_date, (last_updated_matches is false)::int, null)
) m (code, unit, rate, day, k, n)
where m.day is not null;

insert into marts.fct_metrics by name
select code as metric_code, grain as period_grain, start as period_start, stop as period_end, dimension, dimension_value,
    sum(k)::bigint as numerator, if(any_value(rate), sum(n)::bigint, null) as denominator,
    if(any_value(rate), sum(k) / nullif(sum(n), 0), sum(k)) as value, unit, timestamptz '2026-10-01 03:59:00+00' as as_of,
    'passed' as quality_verdict, sum(looked_at)::bigint as units
from practice_units inner join practice_periods on start is null or (day >= start and day < stop)
where code not in (select metric_code from marts.fct_metrics)
group by all;

-- States: the records alive at the end of the period, or on the day of the snapshot.
insert into marts.fct_metrics by name
with ends as (select *, least(coalesce(stop - 1, date '2026-09-30'), date '2026-09-30') as last_day from practice_periods),
alive as (
    select p.*, r.* replace (
        record_count - coalesce(list_sum([part.record_count for part in partial_deletions if part.deleted_date <= last_day]), 0) as record_count
    ), coalesce(delete_by < last_day, false) as is_over, last_day - delete_by as days_over
    from ends p
    inner join marts.fct_records r on created_date <= last_day and (deleted_date is null or deleted_date > last_day)
),
told as (
    select a.*, d.dimension, d.dimension_value from alive a
    cross join lateral (values ('all', 'all'), ('data_category', data_category), ('system', system)) d (dimension, dimension_value)
),
counted as (
    select grain, start, stop, dimension, dimension_value,
        coalesce(sum(record_count) filter (is_over), 0)::bigint as kept, sum(record_count) filter (schedule_id is not null)::bigint as scheduled,
        coalesce(sum(record_count) filter (schedule_id is null), 0)::bigint as unscheduled, sum(record_count)::bigint as alive,
        quantile_cont(days_over, 0.95) filter (is_over) as p95, count(*) filter (is_over) as sets
    from told group by all
)
select m.code as metric_code, grain as period_grain, start as period_start, stop as period_end, dimension,
    dimension_value, m.k as numerator, m.n as denominator, m.value, m.unit, timestamptz '2026-10-01 03:59:00+00' as as_of,
    'passed' as quality_verdict, m.units
from counted cross join lateral (values
    ('over_retention_rate', kept, scheduled, kept / nullif(scheduled, 0), 'share', scheduled),
    ('unscheduled_rate', unscheduled, alive, unscheduled / nullif(alive, 0), 'share', alive),
    ('over_retention_p95_days', null, null, p95, 'days', sets)
) m (code, k, n, value, unit, units);

insert into marts.fct_metrics by name
select 'subject_match_rate' as metric_code, 'to_date' as period_grain, 'log' as dimension, log as dimension_value, k as numerator,
    110 as denominator, k / 110 as value, 'share' as unit, timestamptz '2026-10-01 03:59:00+00' as as_of, 'passed' as quality_verdict,
    110 as units
from (values ('retention', 104), ('processing', 88)) t (log, k)
where log not in (select dimension_value from marts.fct_metrics where metric_code = 'subject_match_rate');

insert into marts.dim_metrics by name
select * from (values
    ('over_retention_rate', 'Kept too long', 'record_count over_retained / record_count alive and scheduled'),
    ('authority_notification_adherence', 'Authority told in time', 'on_time / (required and due)')
) t (metric_code, name, description)
where metric_code not in (select metric_code from marts.dim_metrics);
update marts.dim_metrics set dimensions = ['all', 'system', 'product_line'] where metric_code = 'over_retention_rate';

insert into marts.fct_control_results by name
with targets (control_id, clause_id, metric_code, dimension, dimension_value, operator, target, unit) as (values
    ('CTL-DELETE', 'RET-2', 'over_retention_rate', 'all', 'all', '<=', 0.01, 'share'),
    ('CTL-DELETION-PROOF', 'RET-4', 'reappeared_records', 'all', 'all', '=', 0, 'record sets'),
    ('CTL-RIGHT-ERASURE', 'RIG-4', 'erasure_completeness', 'all', 'all', '=', 1, 'share'),
    ('CTL-NOTICE-AUTO', 'COL-1', 'notice_at_collection_rate', 'collection_type', 'automatic', '>=', 0.99, 'share'),
    ('CTL-NOTICE-FEATURE', 'COL-3', 'notice_at_collection_rate', 'collection_type', 'feature', '>=', 0.99, 'share'),
    ('CTL-CATEGORIES', 'COL-4', 'unlisted_category_count', 'all', 'all', '=', 0, 'rows'),
    ('CTL-PURPOSE', 'PUR-1', 'purpose_limitation_rate', 'all', 'all', '=', 1, 'share'),
    ('CTL-RIGHT-OBJECTION', 'RIG-6', 'processing_after_stop', 'right_type', 'objection', '=', 0, 'acts'),
    ('CTL-BREACH-NOTICE', 'SEC-2', 'authority_notification_adherence', 'all', 'all', '=', 1, 'share'),
    ('CTL-POLICY-NOTICE', 'POL-2', 'policy_change_notice_coverage', 'all', 'all', '>=', 0.95, 'share')
)
select t.*, p.grain as period_grain, p.start as period_start, p.stop as period_end, m.value, m.numerator, m.denominator, m.units,
    case
        when m.value is null then 'not_applicable'
        when t.metric_code = 'authority_notification_adherence' and p.grain = 'year' then 'insufficient_evidence'
        when (operator = '<=' and m.value <= target) or (operator = '>=' and m.value >= target) or m.value = target then 'met'
        else 'missed'
    end as status,
    if(t.metric_code = 'authority_notification_adherence' and p.grain = 'year', 'refused rows: 1 of 64 read', null) as reason,
    'passed' as quality_verdict, false as has_control_total
from targets t cross join practice_periods p
left join marts.fct_metrics m on m.metric_code = t.metric_code and m.dimension = t.dimension and m.dimension_value = t.dimension_value
    and m.period_grain = p.grain and m.period_start is not distinct from p.start;

alter table marts.fct_findings add column if not exists word varchar;
alter table marts.fct_findings add column if not exists area varchar;
alter table marts.fct_findings add column if not exists cause varchar;
alter table marts.fct_findings add column if not exists group_key varchar;
insert into marts.fct_findings by name
select md5('kept/' || record_key) as finding_key, 'over_retained' as finding_code, 'high' as severity, null::varchar as control_id,
    []::varchar[] as control_ids, subject_key, 'retention/' || record_key as entity, created_at as occurred_at,
    created_at as first_seen_at, '{"over_days":' || over_days || '}' as detail, source, 'R:created' as event_id, batch_id, row_number,
    'Kept beyond the day by which it should be deleted' as word, 'records' as area, '{"system":"crm"}' as cause,
    md5('over_retained') as group_key
from marts.fct_records where status = 'over_retained';
drop table practice_units;
drop table practice_periods;
