-- A row here is a request without a trace, or a trace without a request.
select
    (select count(*) from {{ ref('fct_requests') }}) as requests,
    count(*) as traces,
    count(*) filter (where trace is null or provenance is null) as empty_traces,
from {{ ref('fct_request_traces') }}
having count(*) <> (select count(*) from {{ ref('fct_requests') }}) or count(*) filter (where trace is null or provenance is null) > 0
