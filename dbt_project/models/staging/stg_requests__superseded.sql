-- Versions of requests events that a higher revision replaced; kept, listed, counted nowhere.
select * exclude (verdict)
from {{ ref('stg_requests__contested') }}
where verdict = 'superseded'
