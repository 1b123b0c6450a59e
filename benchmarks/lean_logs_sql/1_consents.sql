-- What people decided about consent, which systems confirmed a withdrawal, and who a person is.

create macro local_date(instant) as timezone(getvariable('zone'), instant)::date;
create macro begins(day) as timezone(getvariable('zone'), day::timestamp);
create macro hours_later(instant, n) as make_timestamptz(epoch_us(instant) + n * 3600000000);
create macro never() as timestamptz 'infinity';

-- Few identifiers are linked, and few links lie between the two that are farthest apart.
create temp table persons as
with recursive
ends as (
    select subject_key as a, other_key as b from subject_links
    union
    select other_key, subject_key from subject_links
),

reached (a, b) as (
    select a, b from ends
    union
    select reached.a, ends.b from reached inner join ends on reached.b = ends.a
)

select a as subject_key, least(a, min(b)) as person_key from reached group by a;

create temp table versions as
select
    policy_version,
    min(occurred_at) filter (event_type = 'effective') as effective_at,
    coalesce(min(occurred_at) filter (event_type = 'superseded'), never()) as superseded_at
from policies
group by policy_version;

create temp table purposes as
select
    purpose_code,
    consent_required = 'yes' as consent_required,
    consent_valid_days::bigint as valid_days,
    coalesce(withdrawal_hours::bigint, 72) as withdrawal_hours,
    string_split(systems, ';') as systems,
    coalesce(valid_from::date, date '0001-01-01') as valid_from,
    coalesce(valid_to::date, date '9999-12-31') as valid_to,
    coalesce(begins(valid_from::date), timestamptz '-infinity') as begins_at,
    coalesce(begins(valid_to::date), never()) as ends_at
from read_csv(getvariable('pack') || '/purposes.csv', header = true, all_varchar = true, nullstr = '');

create temp table decisions as
select
    * exclude (counts, collides),
    event_type in ('given', 'renewed') as is_consent,
    list_position(['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated'], event_type) as place,
    lead(occurred_at) over in_order as next_at,
    lead(if(is_consent, occurred_at, null) ignore nulls) over in_order as next_consent_at
from consents
where event_type not in ('shown', 'withdrawal_applied')
window in_order as (partition by subject_key, purpose_code order by occurred_at, place, event_id);

create table snapshot.fct_consents as
with
lapsing as (
    select
        decisions.*,
        hours_later(occurred_at, valid_days * 24) as limit_at,
        if(limit_at <= getvariable('as_of') and limit_at < coalesce(next_at, never()), limit_at, null) as lapsed_at,
        if(is_consent, notice_id is not null and coalesce(occurred_at >= effective_at and occurred_at < superseded_at, false), null)
            as provable
    from decisions
    left join purposes
        on decisions.is_consent and decisions.purpose_code = purposes.purpose_code
        and occurred_at >= begins_at and occurred_at < ends_at
    left join versions on decisions.policy_version = versions.policy_version
)

select
    subject_key, purpose_code,
    if(is_consent, 'active', event_type) as state,
    occurred_at as valid_from,
    coalesce(lapsed_at, next_at) as valid_to,
    false as lapsed,
    provable,
    mechanism, jurisdiction, policy_version, notice_id, source, namespace, event_id, batch_id, row_number, event_type
from lapsing
union all
select
    subject_key, purpose_code, 'expired', lapsed_at, next_at, true, null,
    mechanism, jurisdiction, policy_version, notice_id, source, namespace, event_id, batch_id, row_number, event_type
from lapsing where lapsed_at is not null;

create temp table active as
with
told as (
    select person_key, purpose_code, state, valid_from, valid_to, event_type, event_id
    from snapshot.fct_consents inner join persons using (subject_key)
    where not lapsed
),

merged as (
    select
        person_key, purpose_code, state, valid_from,
        least(valid_to, lead(valid_from) over (
            partition by person_key, purpose_code
            order by
                valid_from, list_position(['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated'], event_type), event_id
        )) as valid_to
    from told
)

select person_key, purpose_code, valid_from, coalesce(valid_to, never()) as valid_to
from merged where state = 'active' and valid_from < coalesce(valid_to, never())
union all
select subject_key, purpose_code, valid_from, coalesce(valid_to, never())
from snapshot.fct_consents anti join persons using (subject_key)
where state = 'active' and valid_from < coalesce(valid_to, never());

create table snapshot.fct_withdrawal_systems as
with
expected as (
    select
        decisions.*, withdrawal_hours, hours_later(occurred_at, withdrawal_hours) as confirm_by,
        unnest(list_distinct(purposes.systems)) as asked
    from decisions
    inner join purposes
        on decisions.purpose_code = purposes.purpose_code and occurred_at >= begins_at and occurred_at < ends_at
    where event_type = 'withdrawn'
),

confirmed as (
    select expected.event_id, expected.asked, min(applied.occurred_at) as applied_at
    from expected
    inner join consents as applied
        on expected.subject_key = applied.subject_key and expected.purpose_code = applied.purpose_code and asked = applied.system
        and applied.occurred_at >= expected.occurred_at and applied.occurred_at < coalesce(next_consent_at, never())
    where applied.event_type = 'withdrawal_applied'
    group by all
),

told as (
    select
        expected.*, applied_at,
        (epoch_us(applied_at) - epoch_us(occurred_at)) / 3600000000 as hours,
        bool_and(applied_at is not null) over (partition by event_id) as complete,
        max(hours) over (partition by event_id) as slowest
    from expected left join confirmed using (event_id, asked)
)

select
    subject_key, purpose_code, occurred_at as withdrawn_at, event_id, asked as system, applied_at, hours,
    case when applied_at is not null then 'confirmed' when getvariable('as_of') < confirm_by then 'pending' else 'unconfirmed' end as status,
    complete, if(complete, slowest, null) as propagation_hours, source, namespace, batch_id, row_number
from told;
