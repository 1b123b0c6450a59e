-- A row here is a disclosure that is not in the mart, or is there more than once: the checks are joined, and a join may lose or
-- duplicate a row. That no lost one is made up for by another twice follows from the key, whose own test is an invariant.
with
landed as (
    select {{ number_of_events('disclosures', has_happened('events')) }} as disclosures
),

published as (select count(*) as disclosures from {{ ref('fct_disclosures') }})

select landed.disclosures as landed, published.disclosures as published
from landed
cross join published
where landed.disclosures <> published.disclosures
