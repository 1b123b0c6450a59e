-- Record sets of persons whose data had been erased, created after the closing. Without a collection of the person since then
-- there was nothing to make them from. A set that has to be kept for a while, such as a suppression list, is none.
with
fulfilled as (select * from {{ ref('int_erasures__fulfilled') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

records as (select * from {{ ref('fct_records') }}),

instants as (select time_zone from {{ source('run', 'run_instants') }}),

identifiers as (
    {{ identifiers_of('fulfilled', 'persons') }}
),

collected as (
    select identifiers.person_key, events.occurred_at as collected_at
    from {{ ref('stg_collections__events') }} as events
    inner join identifiers on events.subject_key = identifiers.subject_key
    where {{ has_happened('events') }}
),

collected_again as (
    select
        fulfilled.request_key,
        cast(timezone(instants.time_zone, collected.collected_at) as date) as collected_date,
    from fulfilled
    asof inner join collected on fulfilled.person_key = collected.person_key and fulfilled.closed_at < collected.collected_at
    cross join instants
)

select
    fulfilled.request_key,
    records.record_key,
    records.created_date,
    records.record_count,
    coalesce(collected_again.collected_date > records.created_date, true) as is_recreated,
from fulfilled
inner join identifiers on fulfilled.person_key = identifiers.person_key
inner join records on identifiers.subject_key = records.subject_key and fulfilled.closed_at < records.created_at
left join collected_again on fulfilled.request_key = collected_again.request_key
where not coalesce(records.has_minimum, false)
