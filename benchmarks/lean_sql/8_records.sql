-- The status of every record set, now and as it was when somebody asked for erasure.

create macro after_period(day, period) as
(
    day + to_months(coalesce(nullif(regexp_extract(period, '(\d+)Y', 1), '')::int * 12, 0) + coalesce(nullif(regexp_extract(period, '(\d+)M', 1), '')::int, 0))
)::date + coalesce(nullif(regexp_extract(period, '(\d+)D', 1), '')::int, 0);

create temp table schedule as from register('retention_schedule');
create temp table terms as from register('contract_terms');

-- Sets that were active on more than sixty days in a row.
create temp table automatic as
with
days as (
    select record_id, local_date(occurred_at) as day, min(occurred_at) as first_at
    from retention
    where
        event_type = 'last_activity'
        and record_id in (select record_id from retention where event_type = 'last_activity' group by record_id having count(*) > 60)
    group by all
),

runs as (select *, day - row_number() over (partition by record_id order by day)::int as run from days),
numbered as (select *, row_number() over (partition by record_id, run order by day) as n from runs)

select record_id, min(first_at) as automatic_at from numbered where n > 60 group by record_id;

-- Lives of record sets out of the events that had happened at an instant; the relation has a column `state_at`.
create macro lives_of(log) as table
with
record_dates as (
    select
        record_id,
        state_at,
        arg_min(
            {
                subject_key: subject_key, system: system, data_category: data_category, purpose_code: purpose_code,
                jurisdiction: jurisdiction, contract_ref: contract_ref, record_count: record_count, event_id: event_id,
                batch_id: batch_id, row_number: row_number, source: source, namespace: namespace
            },
            (epoch_us(occurred_at), event_id)
        ) filter (event_type = 'created') as born,
        min(occurred_at) filter (event_type = 'created') as created_at,
        max(occurred_at) filter (event_type = 'last_activity') as last_activity_at,
        min(occurred_at) filter (event_type = 'trigger') as trigger_event_at,
        min(occurred_at) filter (event_type = 'deleted') as first_deleted_at,
        min(occurred_at) filter (event_type = 'anonymised') as first_anonymised_at,
        max(occurred_at) filter (event_type = 'seen') as seen_at
    from query_table(log)
    group by record_id, state_at
),

ended as (
    select
        * exclude (born), unnest(born), least(first_deleted_at, first_anonymised_at) as deleted_at,
        case
            when first_deleted_at <= coalesce(first_anonymised_at, first_deleted_at) then 'deleted'
            when first_anonymised_at is not null then 'anonymised'
        end as deletion_event_type
    from record_dates
    where created_at is not null
),

again as (
    select
        record_id, state_at, sighted.event_type, sighted.occurred_at,
        max(ends.occurred_at) filter (ends.event_type = 'deleted') as last_deleted_at,
        max(ends.occurred_at) filter (ends.event_type = 'anonymised') as last_anonymised_at
    from (select record_id, state_at from ended where greatest(last_activity_at, seen_at) > deleted_at)
    inner join query_table(log) as sighted using (record_id, state_at)
    inner join query_table(log) as ends using (record_id, state_at)
    where
        sighted.event_type in ('last_activity', 'seen') and ends.event_type in ('deleted', 'anonymised')
        and sighted.occurred_at > ends.occurred_at
        and (
            local_date(sighted.occurred_at) > local_date(ends.occurred_at)
            or local_date(make_timestamptz(epoch_us(ends.occurred_at) - 1)) = local_date(ends.occurred_at)
        )
    group by all
),

back as (
    select record_id, state_at, min(occurred_at) as reappeared_at
    from again
    where event_type = 'last_activity' or last_deleted_at > coalesce(last_anonymised_at, timestamptz '0001-01-01 00:00:00+00')
    group by all
)

select ended.*, reappeared_at, local_date(created_at) as created_date, local_date(deleted_at) as deleted_date, local_date(state_at) as today
from ended left join back using (record_id, state_at);

create macro states_of(log, lives) as table
with
kinds as (select distinct data_category, purpose_code, jurisdiction, created_date from query_table(lives)),

governing as (
    select kinds.*, schedule_id, trigger, min_period, max_period, if(trigger = 'trigger', coalesce(max_wait, 'P10Y'), null) as wait
    from kinds
    inner join schedule
        on kinds.data_category = schedule.data_category
        and (schedule.purpose_code is null or kinds.purpose_code = schedule.purpose_code)
        and (schedule.jurisdiction is null or schedule.jurisdiction in (kinds.jurisdiction, split_part(kinds.jurisdiction, '-', 1)))
        and created_date >= valid_from and created_date < valid_to
    qualify row_number() over (
        partition by kinds.data_category, kinds.purpose_code, kinds.jurisdiction, created_date
        order by
            schedule.purpose_code is null, schedule.jurisdiction is null, length(schedule.jurisdiction) desc,
            valid_from desc, after_period(created_date, max_period) nulls last, schedule_id
    ) = 1
),

dated as (
    select
        lives.*, governing.schedule_id, governing.trigger, min_period, wait, governing.max_period as longest, terms.max_period as term,
        terms.contract_ref is not null as has_contract_term,
        case trigger when 'created' then created_at when 'last_activity' then coalesce(last_activity_at, created_at) else trigger_event_at end
            as began_at,
        if(trigger is null, null, began_at) as trigger_at,
        local_date(trigger_at) as trigger_date
    from query_table(lives) as lives
    left join governing
        on lives.data_category = governing.data_category and lives.purpose_code = governing.purpose_code
        and lives.jurisdiction is not distinct from governing.jurisdiction and lives.created_date = governing.created_date
    left join terms
        on lives.contract_ref = terms.contract_ref and lives.data_category = terms.data_category
        and lives.created_date >= terms.valid_from and lives.created_date < terms.valid_to
),

counted as (
    select
        * exclude (began_at),
        if(min_period is null, null, after_period(trigger_date, min_period)) as keep_until,
        least(
            if(longest is null, null, after_period(trigger_date, longest)), if(term is null, null, after_period(trigger_date, term))
        ) as end_of_period,
        if(end_of_period is null, null, greatest(end_of_period, keep_until)) as unheld_delete_by
    from dated
),

placed as (
    select
        record_id, state_at, hold_ref, event_type, occurred_at as placed_at,
        min(if(event_type = 'hold_released', occurred_at, null)) over (
            partition by record_id, state_at, hold_ref order by occurred_at range between current row and unbounded following
        ) as released_at
    from query_table(log)
    where event_type in ('hold_placed', 'hold_released')
),

holds as (
    select record_id, state_at, hold_ref, released_at, min(placed_at) as placed_at, max(placed_at) as last_placed_at
    from placed where event_type = 'hold_placed'
    group by all
),

held_now as (
    select
        record_id, state_at,
        bool_or(released_at is null) as on_hold,
        min(last_placed_at) filter (released_at is null and today > after_period(local_date(last_placed_at), 'P1Y')) as unreviewed_since,
        coalesce(bool_or(placed_at <= deleted_at and coalesce(released_at > deleted_at, true)), false) as deleted_under_hold
    from holds inner join counted using (record_id, state_at)
    group by all
),

held_days as (
    select distinct record_id, state_at, local_date(placed_at) as first, coalesce(local_date(released_at), date '9999-12-31') as last
    from holds
    where local_date(released_at) > local_date(placed_at) or released_at is null
),

stretched as (
    select
        record_id, state_at, min(first) as first, max(last) as last
    from (
        select *, count(*) filter (opens) over (partition by record_id, state_at order by first, last rows unbounded preceding) as stretch
        from (
            select
                *,
                coalesce(first > max(last) over (
                    partition by record_id, state_at order by first, last rows between unbounded preceding and 1 preceding
                ), true) as opens
            from held_days
        )
    )
    group by record_id, state_at, stretch
),

moved as (
    select
        record_id, state_at,
        sum(least(last, today) - first)::bigint as held_days,
        max(last) filter (unheld_delete_by >= first and unheld_delete_by < last) as moved_to
    from stretched inner join counted using (record_id, state_at)
    group by all
),

whole as (
    select
        counted.*,
        coalesce(on_hold, false) as is_on_hold,
        if(deleted_at is null, unreviewed_since, null) as hold_unreviewed_since,
        if(wait is null, null, after_period(created_date, wait)) as trigger_due_by,
        coalesce(deleted_under_hold, false) as under_hold,
        coalesce(moved.held_days, 0) as held_days,
        if(moved_to is null, unheld_delete_by, nullif(moved_to, date '9999-12-31')) as delete_by
    from counted
    left join held_now using (record_id, state_at)
    left join moved using (record_id, state_at)
)

select
    *,
    case
        when reappeared_at is not null then 'reappeared'
        when under_hold then 'deleted_under_hold'
        when schedule_id is null then 'unscheduled'
        when deleted_at is not null
            and coalesce(deleted_date < keep_until or (min_period is not null and coalesce(deleted_at < trigger_at, true)), false)
            then 'deleted_early'
        when deleted_date > delete_by then 'deleted_late'
        when deleted_at is not null then 'deleted_on_time'
        when is_on_hold then 'on_hold'
        when trigger_at is null then 'not_started'
        when today > delete_by then 'over_retained'
        when today >= delete_by - 30 then 'due_soon'
        else 'within_period'
    end as status,
    case status when 'over_retained' then today - delete_by when 'deleted_late' then deleted_date - delete_by end as over_days,
    deleted_at is null as is_alive,
    coalesce(status = 'not_started' and today > trigger_due_by, false) as trigger_overdue,
    coalesce(status = 'on_hold' and today > delete_by, false) as held_when_overdue
from whole;

create temp view retention_now as select *, getvariable('as_of') as state_at from retention;
create temp table lives_now as from lives_of('retention_now');

create table snapshot.fct_records as
select
    namespace || '/' || record_id as record_key, namespace, record_id, subject_key, system, data_category, purpose_code, jurisdiction,
    contract_ref, record_count, created_at, created_date, schedule_id, trigger, trigger_at, trigger_date, keep_until, delete_by,
    has_contract_term, held_days, is_on_hold as on_hold, deleted_at, deleted_date, deletion_event_type, reappeared_at, status, over_days,
    is_alive, trigger_due_by, trigger_overdue, hold_unreviewed_since, held_when_overdue,
    coalesce(is_alive and trigger = 'last_activity' and automatic_at is not null, false) as activity_looks_automatic,
    source, event_id, batch_id, row_number
from states_of('retention_now', 'lives_now')
left join automatic using (record_id);

-- Erasures that were reported as done, and the record sets of those persons.
create temp table erasures as
select
    requests.*, coalesce(person_key, requests.subject_key) as person, zone,
    closed_date + 30 as grace_ends_date,
    timezone(zone, (closed_date + 31)::timestamp) as grace_is_over_at,
    least(getvariable('as_of'), make_timestamptz(epoch_us(grace_is_over_at) - 1)) as judged_at
from snapshot.fct_requests as requests
inner join units using (request_id, right_type)
left join persons on requests.subject_key = persons.subject_key
where right_type = 'erasure' and outcome = 'fulfilled' and exclusion_reason is null;

create temp table closings as
select request_key, events.event_id
from erasures
inner join events on erasures.request_id = events.request_id and closed_at = occurred_at
where
    event_type = 'fulfilled' and (events.right_type = 'erasure' or (events.right_type is null and occurred_at >= received_at))
qualify row_number() over (partition by request_key order by events.right_type is null, events.event_id) = 1;

create temp table erased_keys as
select distinct person, person as subject_key from erasures
union
select person_key, persons.subject_key from persons semi join erasures on persons.person_key = erasures.person;

create temp table recreated as
with
collected as (
    select request_key, local_date(min(occurred_at)) as collected_date
    from erasures
    inner join erased_keys using (person)
    inner join collections on erased_keys.subject_key = collections.subject_key and closed_at < occurred_at
    group by request_key
)

select request_key, list(record_key order by record_key) as recreated
from erasures
inner join erased_keys using (person)
inner join snapshot.fct_records as records on erased_keys.subject_key = records.subject_key and closed_at < created_at
left join collected using (request_key)
left join schedule using (schedule_id)
where min_period is null and coalesce(collected_date > created_date, true)
group by request_key;

create temp table found as
select request_key, record_id, record_key, received_at, judged_at, reappeared_at as back_at
from erasures
inner join erased_keys as keys using (person)
inner join snapshot.fct_records as records on keys.subject_key = records.subject_key and closed_at > created_at;

create temp table retention_then as
select retention.*, state_at
from (select record_id, received_at as state_at from found union select record_id, judged_at from found) as asked
inner join retention using (record_id)
where occurred_at <= state_at;

create temp table lives_then as from lives_of('retention_then');
create temp table states_then as
select
    *,
    coalesce(is_on_hold or today < keep_until or (min_period is not null and trigger_at is null), false) as must_be_kept
from states_of('retention_then', 'lives_then');

create table snapshot.fct_erasures as
with
verdicts as (
    select
        request_key, record_key, at_the_end.record_count, at_the_end.system,
        case
            when not at_the_end.is_alive then if(back_at is null, 'erased', 'reappeared')
            when at_the_end.must_be_kept then 'excused' else 'alive'
        end as verdict,
        coalesce(asked.reappeared_at is not null or (asked.is_alive and not asked.must_be_kept), false) as was_to_go
    from found
    inner join states_then as at_the_end on found.record_id = at_the_end.record_id and found.judged_at = at_the_end.state_at
    left join states_then as asked on found.record_id = asked.record_id and found.received_at = asked.state_at
),

sets_by_request as (
    select
        request_key, count(*) as record_sets,
        count_if(verdict = 'erased') as erased_sets,
        count_if(verdict = 'excused') as excused_sets,
        count_if(verdict = 'reappeared') as reappeared_sets,
        count_if(verdict in ('alive', 'reappeared')) as missed_records,
        sum(record_count) filter (verdict in ('alive', 'reappeared'))::bigint as missed_record_count,
        list(record_key order by record_key) filter (verdict in ('alive', 'reappeared')) as missed
    from verdicts
    group by request_key
),

completed as (
    select distinct request_key, system
    from erasures
    inner join events using (request_id)
    where
        event_type = 'system_completed' and occurred_at <= judged_at
        and (events.right_type = 'erasure' or (events.right_type is null and occurred_at >= received_at))
),

systems as (
    select
        request_key,
        list(expected.system order by expected.system) as expected_systems,
        list(expected.system order by expected.system) filter (completed.system is not null) as confirmed_systems,
        list(expected.system order by expected.system) filter (completed.system is null) as unconfirmed_systems
    from (select distinct request_key, system from verdicts where was_to_go) as expected
    left join completed using (request_key, system)
    group by request_key
)

select
    request_key, namespace, request_id, source, subject_key, closed_at, closed_date, judged_at, grace_ends_date,
    case
        when getvariable('as_of') < grace_is_over_at then 'pending'
        when recreated is not null then 'incomplete'
        when record_sets is null then 'no_records_found'
        when missed_records = 0 and coalesce(len(unconfirmed_systems), 0) = 0 then 'complete'
        else 'incomplete'
    end as status,
    coalesce(record_sets, 0) as record_sets,
    coalesce(erased_sets, 0) as erased_sets,
    coalesce(excused_sets, 0) as excused_sets,
    coalesce(missed_records, 0) as missed_records,
    coalesce(missed_record_count, 0) as missed_record_count,
    coalesce(missed, []) as missed,
    coalesce(reappeared_sets, 0) as reappeared_sets,
    coalesce(expected_systems, []) as expected_systems,
    coalesce(confirmed_systems, []) as confirmed_systems,
    coalesce(unconfirmed_systems, []) as unconfirmed_systems,
    coalesce(recreated, []) as recreated,
    closings.event_id
from erasures
inner join closings using (request_key)
left join sets_by_request using (request_key)
left join recreated using (request_key)
left join systems using (request_key);
