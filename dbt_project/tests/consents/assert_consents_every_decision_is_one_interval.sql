-- A row here is a decision that is not in the mart, or is there more than once besides its lapse.
with
decided as (
    {%- set condition = "events.event_type not in ('shown', 'withdrawal_applied') and " ~ has_happened('events') %}
    select {{ number_of_events('consents', condition) }} as decisions
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
