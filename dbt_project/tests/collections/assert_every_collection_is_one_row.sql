-- A row here is a collection that happened and that the mart has lost, or has more than once.
with
happened as (
    select count(*) as collections
    from {{ ref('stg_collections__events') }} as events
    where {{ has_happened('events') }}
),

published as (select count(*) as collections from {{ ref('fct_collections') }})

select happened.collections as happened, published.collections as published
from happened
cross join published
where happened.collections <> published.collections
