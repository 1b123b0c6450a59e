-- Rows of the requests log that were refused while landing, with the reason.
select *
from {{ source('landing', 'quarantine') }}
where log = 'requests'
