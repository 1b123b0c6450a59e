-- Requests under a law that their source names and that is not that of the person's place. A place is its own row of the
-- register, else its country's, else the row `*`.
with
overridden_requests as (
    select request_key, jurisdiction, regime_code, received_date from {{ ref('fct_requests') }} where regime_is_override
),

places as (select * from {{ source('pack', 'jurisdictions') }})

select overridden_requests.*, places.regime_code as regime_of_place
from overridden_requests
left join places
    on
        places.jurisdiction in (overridden_requests.jurisdiction, split_part(overridden_requests.jurisdiction, '-', 1), '*')
        and {{ in_force('places', 'overridden_requests.received_date') }}
qualify
    row_number() over (
        partition by overridden_requests.request_key
        order by places.jurisdiction = '*', length(places.jurisdiction) desc, places.valid_from desc nulls last
    ) = 1
    and places.regime_code is distinct from overridden_requests.regime_code
