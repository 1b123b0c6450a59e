-- Changed keys: the record sets with an event that landed or came due since the previous build. Empty in a full refresh.
with
changed_events as (
    {{ changed_rows('retention', ['namespace', 'record_id']) }}
)

select distinct namespace, record_id
from changed_events
{% if is_full_refresh() %}where false{% endif %}
