-- Requests events of which no version counts: the same revision was told in more than one way.
select * exclude (verdict)
from {{ ref('stg_requests__contested') }}
where verdict = 'conflicts'
