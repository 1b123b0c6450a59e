-- Events of a life that never began: the request was never received, the record set never created, the incident never
-- detected. They move nothing; whoever counts must not pass them over.
{% set lives = [
    {'log': 'retention', 'life': 'record_id', 'begins_with': 'created', 'mart': 'fct_records'},
    {'log': 'incidents', 'life': 'incident_id', 'begins_with': 'detected', 'mart': 'fct_incidents'},
] %}
select 'requests' as log, request_id as life_id, *
from {{ ref('int_findings__requests_orphans') }}
{%- for log in lives %}
union all by name
select '{{ log.log }}' as log, events.{{ log.life }} as life_id, events.*
from {{ ref('stg_' ~ log.log ~ '__events') }} as events
anti join {{ ref(log.mart) }} using (namespace, {{ log.life }})
where events.event_type <> '{{ log.begins_with }}' and {{ has_happened('events') }}
{%- endfor %}
