-- Incidents, versions of the policy, and a handful of rates.

create macro last_instant(day) as make_timestamptz(epoch_us(begins(day + 1)) - 1);

create temp table notification_rules as
select
    if(jurisdiction = 'EEA', unnest(eea), jurisdiction) as place, jurisdiction = 'EEA' as is_group, whom, period_n::bigint as n,
    period_unit as unit, calendar, more_than::bigint as more_than, runs_from is not null as is_after_persons,
    coalesce(valid_from::date, date '0001-01-01') as valid_from, coalesce(valid_to::date, date '9999-12-31') as valid_to
from
    read_csv(getvariable('pack') || '/notification_rules.csv', header = true, all_varchar = true, nullstr = ''),
    (select list(country) as eea from safe where country not in ('CH', 'GB'));

create table snapshot.fct_incidents as
with
incident_dates as (
    select
        namespace, incident_id,
        arg_min(
            {
                source: source, event_id: event_id, incident_type: incident_type, jurisdiction: jurisdiction, detected_at: occurred_at,
                batch_id: batch_id, row_number: row_number
            },
            (epoch_us(occurred_at), event_id)
        ) filter (event_type = 'detected') as found,
        min(occurred_at) filter (event_type = 'occurred') as occurred_at,
        min(occurred_at) filter (event_type = 'contained') as contained_at,
        min(occurred_at) filter (event_type = 'assessed_no_risk') as assessed_no_risk_at,
        min(occurred_at) filter (event_type = 'authority_notified') as authority_notified_at,
        min(occurred_at) filter (event_type = 'subjects_notified') as subjects_notified_at,
        min(occurred_at) filter (event_type = 'closed') as closed_at,
        arg_max(affected_subjects, (
            epoch_us(occurred_at),
            list_position(
                ['occurred', 'detected', 'contained', 'assessed_no_risk', 'authority_notified', 'subjects_notified', 'closed'], event_type
            ),
            event_id
        )) filter (affected_subjects is not null) as affected_subjects
    from incidents
    group by all
),

detected as (
    select incident_dates.* exclude (found), unnest(found), local_date(found.detected_at) as detected_date
    from incident_dates
    where found is not null
),

ruled as (
    select incident_id, namespace, detected_at, subjects_notified_at, detected_date, whom, n, unit, is_after_persons, calendar
    from detected
    inner join notification_rules as rules
        on place in (jurisdiction, split_part(jurisdiction, '-', 1)) and detected_date >= valid_from and detected_date < valid_to
        and coalesce(affected_subjects > more_than, true)
    qualify row_number() over (partition by namespace, incident_id, whom order by place <> jurisdiction, is_group) = 1
),

periods as (
    select
        ruled.*,
        if(
            ruled.unit = 'hour', hours_later(detected_at, ruled.n),
            last_instant(if(ruled.unit = 'day', detected_date + ruled.n::int, working.day))
        ) as due_at
    from ruled
    left join days as today on ruled.unit = 'business_day' and ruled.calendar = today.calendar and detected_date = today.day
    left join days as working on ruled.calendar = working.calendar and working.is_working and working.n = today.n + ruled.n
),

due as (
    select
        detected.*,
        if(authority.unit = 'hour', authority.n, null) as authority_due_hours,
        least(detected.subjects_notified_at, persons.due_at) as persons_at,
        if(persons_at is null, null, greatest(detected.detected_at, persons_at)) as begins_at,
        case
            when not authority.is_after_persons then authority.due_at
            when authority.unit = 'hour' then hours_later(begins_at, authority.n)
            else last_instant(local_date(begins_at) + authority.n::int)
        end as authority_due_at
    from detected
    left join periods as authority on authority.whom = 'authority' and detected.incident_id = authority.incident_id
        and detected.namespace = authority.namespace
    left join periods as persons on persons.whom = 'persons' and detected.incident_id = persons.incident_id
        and detected.namespace = persons.namespace
)

select
    * exclude (persons_at, begins_at),
    namespace || '/' || incident_id as incident_key,
    (epoch_us(authority_notified_at) - epoch_us(detected_at)) / 3600000000 as authority_hours,
    case
        when authority_due_at is null then 'nothing_due'
        when assessed_no_risk_at is not null then 'not_required'
        when authority_notified_at is not null then if(authority_notified_at <= authority_due_at, 'on_time', 'late')
        else if(getvariable('as_of') <= authority_due_at, 'open_in_time', 'open_overdue')
    end as status,
    assessed_no_risk_at is not null as not_required,
    case when status = 'on_time' then true when status in ('late', 'open_overdue') then false end as on_time
from due;

create table snapshot.fct_policy_versions as
with
version_dates as (
    select
        namespace, policy_version,
        min(occurred_at) filter (event_type = 'published') as published_at,
        min(occurred_at) filter (event_type = 'effective') as effective_at,
        min(occurred_at) filter (event_type = 'superseded') as superseded_at,
        min(occurred_at) filter (event_type = 'change_notified') as change_notified_at,
        arg_min(
            {material: material, last_updated_shown: last_updated_shown, source: source, event_id: event_id},
            (event_type <> 'published', epoch_us(occurred_at), event_id)
        ) as shown,
        max(audience_size) as audience_size,
        sum(notified_count)::bigint as notified_count
    from policies
    group by all
),

before as (
    select policy_version, sum(policies.notified_count)::bigint as sent_before
    from policies inner join version_dates using (policy_version)
    where coalesce(policies.occurred_at < effective_at, true)
    group by all
)

select
    version_dates.* exclude (shown), shown.material, shown.last_updated_shown, shown.source, shown.event_id,
    namespace || '/' || policy_version as policy_version_key,
    local_date(published_at) as published_date,
    local_date(effective_at) as effective_date,
    least(coalesce(sent_before, 0), coalesce(audience_size, 0)) as notified_before_effective_count,
    case
        when notified_before_effective_count > 0 then true when audience_size = 0 then null when effective_at is not null then false
    end as notified_before_effective,
    starts_with(published_date::varchar, shown.last_updated_shown) as last_updated_matches,
    coalesce(effective_at <= getvariable('as_of') and coalesce(getvariable('as_of') < superseded_at, true), false) as in_force
from version_dates
left join before using (policy_version);

create table snapshot.rates as
select 'disclosures_within_policy' as rate, avg(within_policy::int) as value from snapshot.fct_disclosures
union all select 'consents_provable', avg(provable::int) from snapshot.fct_consents where state = 'active'
union all select 'withdrawals_confirmed', avg((status = 'confirmed')::int) from snapshot.fct_withdrawal_systems where status <> 'pending'
union all select 'records_over_retained', avg((status = 'over_retained')::int) from snapshot.fct_records where is_alive
union all select 'notice_at_collection', avg(ok_notice::int) from snapshot.fct_collections
union all select 'processing_with_consent', avg(ok_consent::int) from snapshot.fct_processing
union all select 'erasures_complete', avg((status = 'complete')::int) from snapshot.fct_erasures where status in ('complete', 'incomplete')
union all select 'requests_on_time', avg((status = 'closed_on_time')::int) from snapshot.fct_requests where status in ('closed_on_time', 'closed_late');
