-- Which identifiers are one person: those that links connect, however many steps apart. A person is called by the least
-- key of all. Keys that no link names have no row; person_key_of() resolves them to themselves.
with recursive
links as (
    select links.*
    from {{ ref('stg_subject_links__events') }} as links
    where {{ has_happened('links') }}
),

-- Every link seen from both of its ends.
ends as (
    select subject_key, other_key, occurred_at, namespace, source, event_id, batch_id, row_number
    from links
    union all
    select other_key as subject_key, subject_key as other_key, occurred_at, namespace, source, event_id, batch_id, row_number
    from links
),

-- Keys numbered in their order: the least number is the least key, and numbers are compared four times as fast as texts.
numbered_subjects as (
    select subject_key, row_number() over (order by subject_key) as key_no
    from (select distinct subject_key from ends)
),

edges as materialized (
    select distinct mine.key_no, others.key_no as other_no
    from ends
    inner join numbered_subjects as mine on ends.subject_key = mine.subject_key
    inner join numbered_subjects as others on ends.other_key = others.subject_key
),

-- Each key points to the least key found so far; a key with a neighbour that points to a lesser one points there and takes
-- along the key that it pointed to. Pointers only ever sink, so this ends; in each round they skip what they have reached,
-- so that a chain of n identifiers takes about log n rounds. At rest neighbours point to the same key, which points to itself.
pointers (key_no, person_no) using key (key_no) as (
    select key_no, least(key_no, min(other_no)) as person_no
    from edges
    group by key_no
    union
    select offers.key_no, min(offers.person_no) as person_no
    from (
        select unnest([edges.key_no, mine.person_no]) as key_no, beyond.person_no
        from edges
        inner join recurring.pointers as mine on edges.key_no = mine.key_no
        inner join recurring.pointers as neighbours on edges.other_no = neighbours.key_no
        inner join recurring.pointers as beyond on neighbours.person_no = beyond.key_no
        where beyond.person_no < mine.person_no
    ) as offers
    inner join recurring.pointers as current_pointers on offers.key_no = current_pointers.key_no
    where offers.person_no < current_pointers.person_no
    group by offers.key_no
),

first_linked as (
    select *
    from ends
    qualify row_number() over (partition by subject_key order by occurred_at, namespace, event_id) = 1
)

select
    numbered_subjects.subject_key,
    persons.subject_key as person_key,
    count(*) over (partition by pointers.person_no) as identifiers,
    first_linked.occurred_at as linked_at,
    first_linked.namespace,
    first_linked.source,
    first_linked.event_id,
    first_linked.batch_id,
    first_linked.row_number,
from pointers
inner join numbered_subjects on pointers.key_no = numbered_subjects.key_no
inner join numbered_subjects as persons on pointers.person_no = persons.key_no
inner join first_linked on numbered_subjects.subject_key = first_linked.subject_key
