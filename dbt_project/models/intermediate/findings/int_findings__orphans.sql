-- Events of a life that never began: the request was never received, the record set never created, the incident never
-- detected. They change no fact and still count as evidence.
select 'requests' as log, request_id as life_id, *
from {{ ref('int_findings__requests_orphans') }}
union all by name
select 'retention' as log, record_id as life_id, *
from {{ ref('int_findings__records_orphans') }}
union all by name
select 'incidents' as log, events.incident_id as life_id, events.*
from {{ ref('stg_incidents__events') }} as events
anti join {{ ref('fct_incidents') }} using (namespace, incident_id)
where events.event_type <> 'detected' and {{ has_happened('events') }}
