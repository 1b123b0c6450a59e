-- The events of record sets that an incremental build recomputes, read once for all models that need them. Empty in a full refresh,
-- which reads all of them where they landed.
select events.*
from {{ ref('stg_retention__events') }} as events
semi join {{ ref('int_records__changed') }} as changed using (namespace, record_id)
{% if is_full_refresh() %}where false{% endif %}
