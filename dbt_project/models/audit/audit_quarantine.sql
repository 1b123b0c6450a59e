-- Rejected rows per source, reason and column.
select
    source,
    log,
    reason,
    column_name,
    count(*)::bigint as rows,
    count(*) filter (occurred_at is null)::bigint as undated_rows,
    min(landed_at) as first_landed_at,
    max(landed_at) as last_landed_at
from {{ source('landing', 'quarantine') }}
group by source, log, reason, column_name
