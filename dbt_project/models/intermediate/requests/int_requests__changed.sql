-- Changed keys: the requests with an event that landed or came due since the previous build. Empty in a full refresh.
with
changed_events as (
    {{ changed_rows('requests', ['namespace', 'request_id']) }}
)

select distinct namespace, request_id
from changed_events
{% if is_full_refresh() %}where false{% endif %}
