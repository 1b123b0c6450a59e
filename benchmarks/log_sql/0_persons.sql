-- Every draw is a hash of (whose, what is drawn), hashed again since the first combines both too simply.
create or replace macro draw(i, what) as (hash(hash(i, what)) >> 11)::double / 9007199254740992.0;
create or replace macro pick(i, what, choices) as choices[1 + floor(draw(i, what) * len(choices))::bigint];
create or replace macro days(n) as to_microseconds((n * 86400)::bigint * 1000000);

-- Persons, shared by all logs, and what their events are drawn from. The first persons have a customer number beside their
-- address and have asked for something (requests.sql gives requests to the persons with the least numbers).
create or replace macro person_of(i, what) as hash(hash(i, what)) % getvariable('persons');
create or replace macro by_number(i, person) as person < getvariable('links') and draw(i, 'by number') < 0.33;
create or replace macro ref_of(i, person) as if(by_number(i, person), 'C-' || person, 'person' || person || '@mail.example');
create or replace macro ref_type_of(i, person) as if(by_number(i, person), 'customer_id', 'email');
create or replace macro instant(after_days) as
    date_trunc('second', timestamptz '2024-11-01 00:00:00+00' + days(after_days));
create or replace macro has_come(after_days) as after_days < 730;
create or replace macro recorded(i, slot, occurred_at) as
    if(draw(i, 'recorded') < 0.02, null, occurred_at + to_microseconds((draw(i, 'lag' || slot) * 7200)::bigint * 1000000));

create or replace macro place_of(person) as
    ['IE', 'DE', 'FR', 'NL', 'ES', 'IT', 'GB-ENG', 'GB-SCT', 'US-CA', 'US-TX', 'US-NY', 'CA-ON', null][
        1 + (hash(hash(person, 'place')) % 13)::bigint
    ];

-- A new version of the policy each quarter; few people saw another than that of the day.
create or replace macro version_at(i, after_days) as
    'v' || greatest(1, least(9, 1 + floor(after_days / 91.25)::bigint + if(draw(i, 'wrong version') < 0.005, 2, 0)));

-- Who is asked for consent first to the purpose of that number: every fifth person. What rests on consent is done to people who
-- gave it and kept it, save where three draws find none.
create or replace macro asked_on(person) as 600 * pow(draw(person, 'consent asked'), 2);
create or replace macro keeps_consent(person) as
    draw(person, 'consent answer') < 0.86 and draw(person, 'consent later') between 0.22 and 0.995;
create or replace macro candidate(i, no, attempt) as person_of(i, attempt) // 5 * 5 + no;
create or replace macro consenting(i, no) as case
    when keeps_consent(candidate(i, no, 'first')) then candidate(i, no, 'first')
    when keeps_consent(candidate(i, no, 'second')) then candidate(i, no, 'second')
    else candidate(i, no, 'third')
end;
create or replace macro since_consent(i, person) as asked_on(person) + 0.1 + (729.8 - asked_on(person)) * draw(i, 'since consent');
