-- What people stopped by a request that was carried out, since when and until when. Few: a request in ten thousand events.

create temp table barred as
with
requested as (
    select
        requests.*, coalesce(person_key, requests.subject_key) as person,
        nullif(list_sort(list_distinct(received.purpose_codes)), []) as purpose_codes
    from snapshot.fct_requests as requests
    left join (select event_id, purpose_codes from events) as received using (event_id)
    left join persons on requests.subject_key = persons.subject_key
    where
        requests.outcome = 'fulfilled' and requests.status <> 'excluded'
        and requests.right_type in ('erasure', 'objection', 'restriction', 'automated_decision', 'opt_out_sale_share')
),

lifted as (
    select request_key, min(lifts.occurred_at) as lifted_at
    from requested
    inner join events as lifts using (request_id)
    where
        lifts.event_type = 'stop_lifted' and lifts.occurred_at >= closed_at
        and (lifts.right_type = requested.right_type or (lifts.right_type is null and lifts.occurred_at >= received_at))
    group by all
),

keys as (
    select distinct person, person as subject_key from requested
    union
    select person_key, subject_key from persons semi join requested on persons.person_key = requested.person
),

collected as (
    select request_key, min(occurred_at) as collected_at
    from requested
    inner join keys using (person)
    inner join collections on keys.subject_key = collections.subject_key and collections.occurred_at > closed_at
    where right_type = 'erasure'
    group by all
)

select
    request_key, right_type, person, purpose_codes, closed_at as stopped_at,
    coalesce(least(lifted_at, collected_at), never()) as ended_at
from requested
left join lifted using (request_key)
left join collected using (request_key);

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

select event_id, right_type, stopped_at, request_key
from met
where not exists (
    from consented_again as again
    where
        again.person = met.person and again.purpose_code = met.purpose_code
        and again.consented_at > met.stopped_at and again.consented_at <= met.occurred_at
);
