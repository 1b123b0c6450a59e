-- Who is in the story: 9,000 customers, each in one place, known by an e-mail address and by a customer number.
-- Chance is a hash: two times the same story, on every machine. r(h, n) is the n-th of four draws (0..3) from one hash.
create or replace macro h(salt, id) as md5_number_lower(salt || ':' || id);
create or replace macro r(x, n) as ((x >> (16 * n)) & 65535)::double / 65536;
create or replace macro days(n) as to_microseconds((n * 86400)::bigint * 1000000);
create or replace macro first_instant() as timestamp '2025-04-01 04:00:00';
create or replace macro last_instant() as timestamp '2026-10-01 03:59:00';

create table places as
select *, sum(weight) over (order by position) - weight as from_slot, sum(weight) over (order by position) as to_slot
from (
    select row_number() over () as position, *
    from (
        values
        ('US-CA', 'US', 185), ('US-TX', 'US', 75), ('US-FL', 'US', 30), ('US-VA', 'US', 42), ('US-CO', 'US', 36), ('US-CT', 'US', 20),
        ('US-OR', 'US', 22), ('US-NJ', 'US', 30), ('US-MN', 'US', 20), ('US-MD', 'US', 16), ('US-TN', 'US', 12), ('US-UT', 'US', 12),
        ('US-MT', 'US', 6), ('US-DE', 'US', 8), ('US-NH', 'US', 8), ('US-NY', 'NONE', 48), ('US-IL', 'NONE', 22), ('US-GA', 'NONE', 18),
        ('IE', 'EU', 62), ('DE', 'EU', 70), ('FR', 'EU', 50), ('AT', 'EU', 20), ('NL', 'EU', 20), ('ES', 'EU', 14), ('IT', 'EU', 14),
        ('SE', 'EU', 10), ('PL', 'EU', 8), ('BE', 'EU', 8), ('GB-ENG', 'UK', 84), ('GB-SCT', 'UK', 12), ('GB-WLS', 'UK', 8),
        ('GB-NIR', 'UK', 5), ('CH', 'CH', 14), ('CA-ON', 'CA', 22), ('CA-BC', 'CA', 8), ('CA-QC', 'QC', 22), ('BR', 'BR', 16),
        ('SG', 'SG', 12), ('AU-NSW', 'AU', 10)
    ) as listed (place, region, weight)
);

create table people as
with
names as (
    select
        ['Maeve', 'Lukas', 'Priya', 'Jonas', 'Amelie', 'Diego', 'Hannah', 'Omar', 'Sofia', 'Ewan', 'Clara', 'Mateo', 'Ingrid', 'Noah', 'Yuki',
         'Aoife', 'Felix', 'Camille', 'Grace', 'Tomas', 'Leila', 'Owen', 'Marta', 'Samuel', 'Elif', 'Anton', 'Rosa', 'Isaac', 'Nora', 'Hugo']
            as given,
        ['Kelly', 'Brandt', 'Nair', 'Weber', 'Laurent', 'Ortega', 'Miller', 'Haddad', 'Rossi', 'Fraser', 'Novak', 'Silva', 'Larsen', 'Baker',
         'Tanaka', 'Byrne', 'Keller', 'Dubois', 'Turner', 'Kowalski', 'Rahman', 'Hughes', 'Vega', 'Cohen', 'Demir', 'Petrov', 'Lima',
         'Walsh', 'Berg', 'Moreau'] as family
),

drawn as (select p, h('person', p) as x from range(1, 9001) as people (p))

select
    drawn.p,
    lower(names.given[1 + (drawn.p * 7) % 30] || '.' || names.family[1 + (drawn.p * 11) % 30]) || drawn.p || '@example.'
        || ['com', 'org', 'net'][1 + drawn.p % 3] as email,
    'C-' || (400000 + drawn.p) as customer_id,
    places.place,
    places.region
from drawn
cross join names
inner join places
    on r(drawn.x, 0) * (select max(to_slot) from places) >= places.from_slot
    and r(drawn.x, 0) * (select max(to_slot) from places) < places.to_slot;
