-- Every erasure that was reported as fulfilled, with the evidence of the retention log and of the systems.
with
erasures as (select * from {{ ref('int_erasures__fulfilled') }}),

record_sets as (select * from {{ ref('int_erasures__record_sets') }}),

events as (select * from {{ ref('int_requests__events') }}),

sets_by_outcome as (
    select
        request_key,
        count(*) as record_sets,
        count(*) filter (where verdict = 'erased') as erased_sets,
        count(*) filter (where verdict = 'excused') as excused_sets,
        count(*) filter (where verdict = 'reappeared') as reappeared_sets,
        count(*) filter (where verdict in ('alive', 'reappeared')) as missed_records,
        cast(sum(record_count) filter (where verdict in ('alive', 'reappeared')) as bigint) as missed_record_count,
        list(record_key order by record_key) filter (where verdict in ('alive', 'reappeared')) as missed,
    from record_sets
    group by request_key
),

recreated_by_request as (
    select request_key, list(record_key order by record_key) as recreated
    from {{ ref('int_erasures__created') }}
    where is_recreated
    group by request_key
),

-- A completion without a right concerns every right that had been received by then.
completions as (
    select distinct erasures.request_key, events.system
    from erasures
    inner join events on erasures.namespace = events.namespace and erasures.request_id = events.request_id
    where
        events.event_type = 'system_completed'
        and (events.right_type = 'erasure' or (events.right_type is null and events.occurred_at >= erasures.received_at))
        and events.occurred_at <= erasures.judged_at
),

systems_due as (
    select distinct request_key, system
    from record_sets
    where was_to_be_erased
),

systems_with_confirmation as (
    select systems_due.*, completions.system is not null as is_confirmed
    from systems_due
    left join completions on systems_due.request_key = completions.request_key and systems_due.system = completions.system
),

systems_listed as (
    select
        request_key,
        list(system order by system) as expected_systems,
        list(system order by system) filter (where is_confirmed) as confirmed_systems,
        list(system order by system) filter (where not is_confirmed) as unconfirmed_systems,
    from systems_with_confirmation
    group by request_key
),

erasures_with_counts as (
    select
        erasures.*,
        coalesce(sets_by_outcome.record_sets, 0) as record_sets,
        coalesce(sets_by_outcome.erased_sets, 0) as erased_sets,
        coalesce(sets_by_outcome.excused_sets, 0) as excused_sets,
        coalesce(sets_by_outcome.missed_records, 0) as missed_records,
        coalesce(sets_by_outcome.missed_record_count, 0) as missed_record_count,
        coalesce(sets_by_outcome.missed, []) as missed,
        coalesce(sets_by_outcome.reappeared_sets, 0) as reappeared_sets,
        coalesce(recreated_by_request.recreated, []) as recreated,
        coalesce(systems_listed.expected_systems, []) as expected_systems,
        coalesce(systems_listed.confirmed_systems, []) as confirmed_systems,
        coalesce(systems_listed.unconfirmed_systems, []) as unconfirmed_systems,
    from erasures
    left join sets_by_outcome on erasures.request_key = sets_by_outcome.request_key
    left join recreated_by_request on erasures.request_key = recreated_by_request.request_key
    left join systems_listed on erasures.request_key = systems_listed.request_key
)

select
    request_key,
    namespace,
    request_id,
    source,
    subject_key,
    closed_at,
    closed_date,
    judged_at,
    grace_ends_date,
    case
        when is_pending then 'pending'
        when recreated <> [] then 'incomplete'
        when record_sets = 0 then 'no_records_found'
        when missed_records = 0 and len(unconfirmed_systems) = 0 then 'complete'
        else 'incomplete'
    end as status,
    record_sets,
    erased_sets,
    excused_sets,
    missed_records,
    missed_record_count,
    missed,
    reappeared_sets,
    expected_systems,
    confirmed_systems,
    unconfirmed_systems,
    event_id,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    received_at,
    jurisdiction,
    time_zone,
    recreated,
from erasures_with_counts
