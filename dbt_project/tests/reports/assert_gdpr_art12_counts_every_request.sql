-- A row here is a law and month, its logs all kept, of which the report counts another number of requests than there are.
with
received as (
    select regime_code, date_trunc('month', received_date)::date as month_start, count(*) as requests
    from {{ ref('fct_requests') }}
    where regime_code in {{ gdpr_regimes() }}
    group by all
),

reported as (
    select regime_code, month_start, sum(received) as requests
    from {{ ref('rpt_gdpr_art12_requests') }}
    group by all
)

select received.*, reported.requests as reported
from (select * from received where {{ is_fully_retained('month_start') }}) as received
full join reported on received.regime_code = reported.regime_code and received.month_start = reported.month_start
where received.requests is distinct from reported.requests
