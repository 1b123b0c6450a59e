-- Record sets of persons whose data had been erased, created after the closing. Without a collection of the person since then
-- there was nothing to make them from. A set that has to be kept for a while, such as a suppression list, is none.
with
erasures as (select * from {{ ref('int_erasures__fulfilled') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

records as (select * from {{ ref('fct_records') }}),

instants as (select time_zone from {{ source('run', 'run_instants') }}),

identifiers as (
    {{ identifiers_of('erasures', 'persons') }}
),

collections as (
    select identifiers.person_key, events.occurred_at as collected_at
    from {{ ref('stg_collections__events') }} as events
    inner join identifiers on events.subject_key = identifiers.subject_key
    where {{ has_happened('events') }}
),

next_collections as (
    select
        erasures.request_key,
        cast(timezone(instants.time_zone, collections.collected_at) as date) as collected_date,
    from erasures
    asof inner join collections on erasures.person_key = collections.person_key and erasures.closed_at < collections.collected_at
    cross join instants
)

select
    erasures.request_key,
    records.record_key,
    records.created_date,
    records.record_count,
    coalesce(next_collections.collected_date > records.created_date, true) as is_recreated,
from erasures
inner join identifiers on erasures.person_key = identifiers.person_key
inner join records on identifiers.subject_key = records.subject_key and erasures.closed_at < records.created_at
left join next_collections on erasures.request_key = next_collections.request_key
where not coalesce(records.has_minimum, false)
