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

edges as (select distinct subject_key, other_key from ends),

-- Each key points to the least key that it knows of; whoever sees a lesser one, at a neighbour's, points there and takes
-- along the key that it pointed to. Pointers only ever sink, so this ends; in each round they skip what they have reached,
-- so that a chain of n identifiers takes about log n rounds. At rest neighbours point to the same key, which points to itself.
pointers (subject_key, person_key) using key (subject_key) as (
    select subject_key, least(subject_key, min(other_key)) as person_key
    from edges
    group by subject_key
    union
    select offers.subject_key, min(offers.person_key) as person_key
    from (
        select unnest([edges.subject_key, mine.person_key]) as subject_key, beyond.person_key
        from edges
        inner join recurring.pointers as mine on edges.subject_key = mine.subject_key
        inner join recurring.pointers as neighbours on edges.other_key = neighbours.subject_key
        inner join recurring.pointers as beyond on neighbours.person_key = beyond.subject_key
    ) as offers
    inner join recurring.pointers as known on offers.subject_key = known.subject_key
    where offers.person_key < known.person_key
    group by offers.subject_key
),

first_linked as (
    select *
    from ends
    qualify row_number() over (partition by subject_key order by occurred_at, namespace, event_id) = 1
)

select
    pointers.subject_key,
    pointers.person_key,
    count(*) over (partition by pointers.person_key) as identifiers,
    first_linked.occurred_at as linked_at,
    first_linked.namespace,
    first_linked.source,
    first_linked.event_id,
    first_linked.batch_id,
    first_linked.row_number,
from pointers
inner join first_linked on pointers.subject_key = first_linked.subject_key
