-- Requests events of which no version counts, because the highest revision has two contents.
select * exclude (verdict)
from {{ ref('stg_requests__versions') }}
where verdict = 'conflicts'
