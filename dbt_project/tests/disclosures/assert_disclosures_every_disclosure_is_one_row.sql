-- A row here means that a disclosure that happened is not in the mart, or is there more than once: each check that a disclosure
-- is held against is joined, and a join may lose it or double it.
with
made as (
    select count(*) as disclosures
    from {{ ref('stg_disclosures__events') }} as events
    where {{ has_happened('events') }}
),

published as (select count(*) as disclosures, count(distinct (namespace, event_id)) as events from {{ ref('fct_disclosures') }})

select made.disclosures as made, published.disclosures as published, published.events
from made
cross join published
where made.disclosures <> published.disclosures or published.disclosures <> published.events
