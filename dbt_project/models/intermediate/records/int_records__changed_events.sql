-- The events of record sets that an incremental build recomputes, read once for all models that need them. Empty in a full refresh,
-- which reads all of them where they landed. By one column alone DuckDB reads the others only where it is met.
select events.*
from {{ ref('stg_retention__events') }} as events
semi join {{ ref('int_records__changed') }} as changed using (namespace, record_id)
where events.record_id in (select record_id from {{ ref('int_records__changed') }})
{%- if is_full_refresh() %} and false{% endif %}
