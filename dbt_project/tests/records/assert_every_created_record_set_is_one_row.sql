-- A row here is a count of record sets that does not agree: one that was created is lost, or is there more than once.
with
created as (
    select count(distinct (namespace, record_id)) as record_sets
    from {{ ref('stg_retention__events') }} as events
    where event_type = 'created' and {{ has_happened('events') }}
),

published as (select count(*) as record_sets from {{ ref('fct_records') }})

select created.record_sets as created, published.record_sets as published
from created
cross join published
where created.record_sets <> published.record_sets
