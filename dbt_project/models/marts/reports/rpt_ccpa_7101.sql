-- The record of requests of California residents, as 11 CCR 7101(b) lists its columns. One letter that asks for two things
-- is two lines. What left the count stays in the record, with the reason.
with
requests as (select * from {{ ref('fct_requests') }})

select
    request_key,
    namespace,
    source,
    request_id,
    right_type,
    {{ ccpa_request_type_of('right_type') }} as request_type,
    received_date as date_of_request,
    coalesce({{ ccpa_request_type_of('right_type') }}, right_type) as nature_of_request,
    channel as manner_of_request,
    closed_date as date_of_response,
    case outcome
        when 'fulfilled' then 'complied_in_whole'
        when 'partially_fulfilled' then 'complied_in_part'
        when 'denied' then 'denied'
    end as nature_of_response,
    -- A denial in part has a basis as well. A missing ground is `other`, which gives none.
    case when outcome in ('denied', 'partially_fulfilled') then coalesce(outcome_reason, 'other') end as basis_of_denial,
    exclusion_reason,
    left_date,
    days_to_close as days_to_respond,
    cast(received_date + interval 24 month as date) as kept_at_least_until,
    event_id,
    batch_id,
    row_number,
from requests
where jurisdiction = 'US-CA'
