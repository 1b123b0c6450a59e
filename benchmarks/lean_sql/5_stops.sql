-- What people stopped by a request that was carried out or left unanswered, since when and until when. Few: a request in ten
-- thousand events.

create temp table barred as
with
requested as (
    select
        requests.*, coalesce(person_key, requests.subject_key) as person,
        nullif(list_sort(list_distinct(received.purpose_codes)), []) as asked_codes,
        timezone(units.zone, (due_date + 1)::timestamp) as overdue_at
    from snapshot.fct_requests as requests
    inner join units using (request_id, right_type)
    left join (select event_id, purpose_codes from events) as received on requests.event_id = received.event_id
    left join persons on requests.subject_key = persons.subject_key
    where
        requests.status <> 'excluded'
        and requests.right_type in ('erasure', 'objection', 'restriction', 'automated_decision', 'opt_out_sale_share')
),

steps as (
    select request_key, event_type, occurred_at, purpose_codes, overdue_at, events.right_type, events.event_id
    from requested
    inner join (select request_id, right_type, event_id, event_type, occurred_at, purpose_codes from events) as events using (request_id)
    where
        (events.right_type = requested.right_type or (events.right_type is null and occurred_at >= received_at))
        and event_type in ('fulfilled', 'partially_fulfilled', 'denied', 'reopened', 'stop_lifted')
),

in_part as (
    select request_key, nullif(list_sort(list_distinct(purpose_codes)), []) as closing_codes
    from steps inner join (select request_key, closed_at from requested) as requested using (request_key)
    where event_type = 'partially_fulfilled' and occurred_at = closed_at
    qualify row_number() over (partition by request_key order by right_type is null, event_id) = 1
),

-- What was answered in time waits from its reopening on, everything else from the end of the due date.
turns as (
    select
        request_key, overdue_at,
        max_by(event_type, (occurred_at, event_type = 'reopened')) filter (
            occurred_at < overdue_at and event_type in ('fulfilled', 'partially_fulfilled', 'denied', 'reopened')
        ) as last_turn
    from steps where overdue_at <= getvariable('as_of')
    group by all
),

waits as (
    select request_key, overdue_at as since
    from requested left join turns using (request_key, overdue_at)
    where overdue_at <= getvariable('as_of') and not closed_while_paused and coalesce(last_turn, 'reopened') = 'reopened'
    union
    select request_key, occurred_at from steps where event_type = 'reopened' and occurred_at >= overdue_at
),

answered as (
    select request_key, since, min(occurred_at + to_microseconds(if(event_type = 'denied', 0, 1))) as answered_at
    from waits inner join steps using (request_key)
    where event_type in ('partially_fulfilled', 'denied') and (occurred_at > since or (occurred_at = since and since = overdue_at))
    group by all
),

stops as (
    select
        request_key, right_type, person, closed_at as since, closed_at as stopped_at, null::timestamptz as answered_at,
        if(outcome = 'fulfilled', asked_codes, closing_codes) as purpose_codes,
        outcome = 'fulfilled' or closing_codes is not null as is_known
    from requested left join in_part using (request_key)
    where outcome in ('fulfilled', 'partially_fulfilled')
    union all
    select request_key, right_type, person, since, since - interval 1 microsecond, answered_at, asked_codes, true
    from waits
    inner join requested using (request_key)
    left join answered using (request_key, since)
),

lifted as (
    select request_key, since, min(occurred_at) as lifted_at
    from stops inner join steps using (request_key)
    where event_type = 'stop_lifted' and occurred_at >= since
    group by all
),

keys as (
    select distinct person, person as subject_key from stops
    union
    select person_key, subject_key from persons semi join stops on persons.person_key = stops.person
),

collected as (
    select request_key, since, min(occurred_at) as collected_at
    from stops
    inner join keys using (person)
    inner join collections on keys.subject_key = collections.subject_key and collections.occurred_at > stopped_at
    where right_type = 'erasure'
    group by all
)

select
    request_key, right_type, person, purpose_codes, is_known, stopped_at,
    coalesce(least(lifted_at, answered_at, collected_at), never()) as ended_at
from stops
left join lifted using (request_key, since)
left join collected using (request_key, since);

create temp table stopped_keys as
select distinct person, person as subject_key from barred
union
select person_key, subject_key from persons semi join barred on persons.person_key = barred.person;

create temp table consented_again as
select distinct person, purpose_code, occurred_at as consented_at
from decisions inner join stopped_keys using (subject_key)
where is_consent;

-- Which event which stop binds, of those of a log whose persons stopped anything.
create macro bound(log) as table
with
asked as (
    select asked.*, person
    from (select event_id, subject_key, purpose_code, occurred_at from query_table(log)) as asked
    inner join stopped_keys using (subject_key)
),

met as (
    select event_id, purpose_code, occurred_at, barred.*
    from asked inner join barred using (person)
    where occurred_at > stopped_at and occurred_at < ended_at and (purpose_codes is null or list_contains(purpose_codes, purpose_code))
)

select event_id, right_type, is_known, stopped_at, request_key
from met
where not exists (
    from consented_again as again
    where
        again.person = met.person and again.purpose_code = met.purpose_code
        and again.consented_at > met.stopped_at and again.consented_at <= met.occurred_at
);
