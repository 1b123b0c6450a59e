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

-- Requests to withdraw end consents: granted, or not answered by the due date, else within the purpose's hours. They ask for
-- every purpose and are few.
create temp table ended_by_request as
with
asked as (
    select request_key, requests.subject_key, coalesce(person_key, requests.subject_key) as person, jurisdiction, received_at, due_date, closed_at, outcome, request_id, event_id
    from snapshot.fct_requests as requests left join persons on requests.subject_key = persons.subject_key
    where right_type = 'consent_withdrawal' and status not in ('excluded', 'no_rule')
),

keys as (
    select distinct person, person as subject_key from asked
    union
    select person_key, subject_key from persons semi join asked on persons.person_key = asked.person
),

decided as (
    select
        keys.person, consents.*,
        event_type in ('given', 'renewed') as is_consent,
        hours_later(occurred_at, valid_days * 24) as limit_at,
        list_position(['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated'], event_type) as place
    from consents inner join keys using (subject_key)
    left join purposes
        on event_type in ('given', 'renewed') and consents.purpose_code = purposes.purpose_code
        and occurred_at >= begins_at and occurred_at < ends_at
    where event_type not in ('shown', 'withdrawal_applied')
),

standing as (
    select
        *,
        lead(occurred_at) over (partition by person, purpose_code order by occurred_at, place, event_id) as next_at,
        lead(occurred_at) over (partition by subject_key, purpose_code order by occurred_at, place, event_id) as next_own_at,
        lead(if(is_consent, occurred_at, null) ignore nulls) over (partition by person, purpose_code order by occurred_at, place, event_id)
            as again_at
    from decided
),

limited as (
    select asked.*, purpose_code, coalesce(begins(due_date + 1), hours_later(received_at, coalesce(withdrawal_hours, 72))) as answer_by
    from asked
    inner join (select distinct person, purpose_code from standing) using (person)
    left join purposes using (purpose_code)
    where received_at >= coalesce(begins_at, received_at) and received_at < coalesce(ends_at, never())
),

turns as (
    select request_key, purpose_code, answer_by, closed_at, outcome, events.event_id, event_type, occurred_at
    from limited inner join events on limited.request_id = events.request_id
    where
        event_type in ('fulfilled', 'partially_fulfilled', 'denied', 'reopened')
        and coalesce(events.right_type, 'consent_withdrawal') = 'consent_withdrawal' and occurred_at >= received_at
),

answered as (
    select
        request_key, purpose_code,
        max_by(event_type, (occurred_at, event_type = 'reopened')) filter (occurred_at < answer_by) as last_turn,
        min(occurred_at) filter (event_type = 'reopened' and occurred_at >= answer_by) as reopened_at,
        min_by(event_id, event_id) filter (event_type = outcome and occurred_at = closed_at) as closing_id
    from turns
    group by all
),

effective as (
    select
        limited.*, closing_id,
        if(coalesce(last_turn, 'reopened') = 'reopened', answer_by, reopened_at) as late_at,
        coalesce(late_at <= getvariable('as_of'), false) as is_late,
        if(is_late, late_at, if(outcome <> 'denied', closed_at, null)) as ended_at
    from limited left join answered using (request_key, purpose_code)
),

ended as (
    select effective.*, standing.subject_key as governing, again_at
    from effective inner join standing using (person, purpose_code)
    where is_consent and ended_at >= occurred_at and ended_at < coalesce(least(next_at, limit_at), never())
    qualify row_number() over (partition by standing.event_id order by ended_at, request_key) = 1
)

select
    ended.request_key, ended.purpose_code, ended.jurisdiction, ended_at, ended.again_at, governing,
    if(is_late, ended.event_id, closing_id) as event_id,
    list(distinct standing.subject_key) as consented_under,
    any_value(identifiers) as identifiers
from ended
inner join standing using (person, purpose_code)
inner join (select person, list(subject_key) as identifiers from keys group by person) using (person)
where is_consent and ended_at >= occurred_at and ended_at < coalesce(least(next_own_at, limit_at), never())
group by all;

create temp table recorded_under as
select purpose_code, ended_at, again_at, unnest(identifiers) as subject_key from ended_by_request;

create temp table decisions as
with
decided as (
    select * exclude (counts, collides) from consents where event_type not in ('shown', 'withdrawal_applied')
    union all by name
    select
        unnest(consented_under) as subject_key, governing, request_key, purpose_code, 'withdrawn' as event_type, ended_at as occurred_at,
        ended_by_request.jurisdiction, again_at, identifiers, events.namespace, events.event_id, events.source, events.batch_id, events.row_number
    from ended_by_request inner join events using (event_id)
),

ordered as (
    select
        * exclude (again_at),
        event_type in ('given', 'renewed') as is_consent,
        list_position(['given', 'renewed', 'refused', 'withdrawn', 'expired', 'invalidated'], event_type) as place,
        lead(occurred_at) over in_order as next_at,
        if(request_key is null, lead(if(is_consent, occurred_at, null) ignore nulls) over in_order, again_at) as next_consent_at,
        lag(if(is_consent, occurred_at, null)) over in_order as consented_at
    from decided
    window in_order as (partition by subject_key, purpose_code order by occurred_at, place, event_id)
)

select
    ordered.*,
    case
        when request_key is not null then ordered.subject_key = governing
        when recorded_under.subject_key is not null then false
        when event_type = 'refused' then occurred_at <= coalesce(hours_later(consented_at, valid_days * 24), if(consented_at is null, null, never()))
        else event_type = 'withdrawn'
    end as is_withdrawal
from ordered
left join recorded_under
    on event_type in ('withdrawn', 'refused') and ordered.subject_key = recorded_under.subject_key
    and ordered.purpose_code = recorded_under.purpose_code and occurred_at > ended_at and occurred_at < coalesce(again_at, never())
left join purposes
    on event_type = 'refused' and ordered.purpose_code = purposes.purpose_code
    and consented_at >= begins_at and consented_at < ends_at;

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
    mechanism, jurisdiction, policy_version, notice_id, source, namespace, event_id, batch_id, row_number, event_type, request_key,
    coalesce(is_withdrawal, false) as is_withdrawal
from lapsing
union all
select
    subject_key, purpose_code, 'expired', lapsed_at, next_at, true, null,
    mechanism, jurisdiction, policy_version, notice_id, source, namespace, event_id, batch_id, row_number, event_type, null, false
from lapsing where lapsed_at is not null;

create temp table active as
with
linked_states as (
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
    from linked_states
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
    where is_withdrawal
),

confirmed as (
    select expected.event_id, expected.purpose_code, expected.asked, min(applied.occurred_at) as applied_at
    from (select *, unnest(coalesce(identifiers, [subject_key])) as applied_under from expected) as expected
    inner join consents as applied
        on applied_under = applied.subject_key and expected.purpose_code = applied.purpose_code and asked = applied.system
        and applied.occurred_at >= expected.occurred_at and applied.occurred_at < coalesce(next_consent_at, never())
    where applied.event_type = 'withdrawal_applied'
    group by all
),

applications as (
    select
        expected.*, applied_at,
        (epoch_us(applied_at) - epoch_us(occurred_at)) / 3600000000 as hours,
        bool_and(applied_at is not null) over (partition by event_id, purpose_code) as complete,
        max(hours) over (partition by event_id, purpose_code) as slowest
    from expected left join confirmed using (event_id, purpose_code, asked)
)

select
    subject_key, purpose_code, occurred_at as withdrawn_at, event_id, asked as system, applied_at, hours,
    case when applied_at is not null then 'confirmed' when getvariable('as_of') < confirm_by then 'pending' else 'unconfirmed' end as status,
    complete, if(complete, slowest, null) as propagation_hours, source, namespace, batch_id, row_number, request_key
from applications;
