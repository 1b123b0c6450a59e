-- What was done and what was collected.

create temp table done as
select processing.*, local_date(occurred_at) as day, coalesce(person_key, subject_key) as person
from processing left join persons using (subject_key);

create temp table rested as
select event_id
from done
asof inner join active
    on done.person = active.person_key and done.purpose_code = active.purpose_code and done.occurred_at >= active.valid_from
where legal_basis = 'consent' and done.occurred_at < active.valid_to;

create temp table done_bound as from bound('done');

create table snapshot.fct_processing as
with
stopped as (
    select
        event_id,
        min({stopped_at: stopped_at, request_key: request_key, right_type: right_type}) filter (is_known) as first_stop,
        list_sort(list(distinct right_type) filter (is_known)) as right_types
    from done_bound where right_type in ('erasure', 'objection', 'restriction')
    group by event_id
),

objected as (
    select event_id, min({stopped_at: stopped_at, request_key: request_key, right_type: right_type}) filter (is_known) as first_stop
    from done_bound where right_type in ('automated_decision', 'objection')
    group by event_id
)

select
    namespace, done.event_id, source, subject_key, subject_ref_type, occurred_at, day as occurred_date, done.purpose_code, system,
    data_categories, automated_decision, legal_basis,
    purposes.purpose_code is not null as ok_purpose,
    if(consent_required, legal_basis = 'consent', null) as ok_basis,
    if(legal_basis = 'consent', rested.event_id is not null, null) as ok_consent,
    if(legal_basis not in ('legal_obligation', 'vital_interests'), if(stopped.first_stop is not null, false, if(stopped.event_id is null, true, null)), null) as ok_not_stopped,
    if(automated_decision, if(objected.first_stop is not null, false, if(objected.event_id is null, true, null)), null) as ok_no_automated_decision,
    list_sort(list_distinct(list_filter(data_categories, lambda c: not list_contains(listed, c)))) as unlisted_categories,
    len(unlisted_categories) = 0 as ok_categories,
    if(legal_basis not in ('legal_obligation', 'vital_interests'), stopped.first_stop.request_key, null) as stopped_by,
    if(stopped_by is not null, stopped.first_stop.right_type, null) as stopped_right_type,
    if(stopped_by is not null, right_types, null) as stopped_right_types,
    if(stopped_by is not null, stopped.first_stop.stopped_at, null) as stopped_at,
    if(automated_decision, objected.first_stop.request_key, null) as decision_stopped_by,
    batch_id, row_number
from done
left join purposes on done.purpose_code = purposes.purpose_code and day >= valid_from and day < valid_to
inner join categories using (day)
left join rested on done.event_id = rested.event_id
left join stopped on done.event_id = stopped.event_id
left join objected on done.event_id = objected.event_id;

create table snapshot.fct_collections as
select
    namespace, event_id, source, subject_key, subject_ref_type, occurred_at, local_date(occurred_at) as occurred_date,
    collection_type, feature, data_categories, purpose_code, jurisdiction, notice_shown_at, notice_id, collections.policy_version,
    notice_exemption,
    if(notice_exemption is null, coalesce(notice_shown_at <= occurred_at and if(
        collections.policy_version is null, notice_shown_at >= (select min(effective_at) from versions),
        notice_shown_at >= effective_at and notice_shown_at < superseded_at
    ), false), null) as ok_notice,
    list_sort(list_distinct(list_filter(data_categories, lambda c: not list_contains(listed, c)))) as unlisted_categories,
    len(unlisted_categories) = 0 as ok_categories,
    if(
        collections.policy_version is null, null,
        coalesce(coalesce(notice_shown_at, occurred_at) >= effective_at and coalesce(notice_shown_at, occurred_at) < superseded_at, false)
    ) as ok_policy_version,
    batch_id, row_number
from collections
inner join categories on local_date(occurred_at) = categories.day
left join versions on collections.policy_version = versions.policy_version;
