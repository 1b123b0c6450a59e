-- Requests that are judged by a law which their source named and which is not that of the person's place. A place is its
-- own row of the register, else its country's, else the row `*`.
with
overridden as (
    select request_key, jurisdiction, regime_code, received_date from {{ ref('fct_requests') }} where regime_is_override
),

places as (select * from {{ source('pack', 'jurisdictions') }})

select overridden.*, places.regime_code as regime_of_place
from overridden
left join places
    on
        places.jurisdiction in (overridden.jurisdiction, split_part(overridden.jurisdiction, '-', 1), '*')
        and {{ in_force('places', 'overridden.received_date') }}
qualify
    row_number() over (
        partition by overridden.request_key
        order by places.jurisdiction = '*', length(places.jurisdiction) desc, places.valid_from desc nulls last
    ) = 1
    and places.regime_code is distinct from overridden.regime_code
