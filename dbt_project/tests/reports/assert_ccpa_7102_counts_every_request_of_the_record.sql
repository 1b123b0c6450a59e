-- A row here is a request type of which 7102 counts another number of requests than the record of 7101 holds of the years whose
-- logs are all kept.
with
requests as (
    select
        request_type,
        coalesce(min(date_of_request) filter (exclusion_reason is null), min(date_of_request)) as received_date,
    from {{ ref('rpt_ccpa_7101') }}
    where request_type is not null
    group by namespace, request_id, request_type
),

recorded as (
    select request_type, count(*) as requests
    from requests
    where {{ is_fully_retained("date_trunc('year', received_date)") }}
    group by request_type
),

reported as (
    select request_type, sum(received) as requests
    from {{ ref('rpt_ccpa_7102') }}
    group by request_type
)

select reported.request_type, reported.requests as reported, recorded.requests as recorded
from reported
full join recorded on reported.request_type = recorded.request_type
where coalesce(reported.requests, 0) <> coalesce(recorded.requests, 0)
