-- A row here is a decision that is not in the mart, or is there more than once besides its lapse.
with
decided as (
    select count(*) as decisions
    from {{ ref('stg_consents__events') }} as events
    where event_type not in ('shown', 'withdrawal_applied') and {{ has_happened('events') }}
),

published as (
    select count(*) as decisions
    from {{ ref('fct_consents') }}
    where not lapsed and request_key is null
)

select decided.decisions as decided, published.decisions as published
from decided
cross join published
where decided.decisions <> published.decisions
