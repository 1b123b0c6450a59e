-- Changed keys: the disclosures that landed or came due since the previous build, or of which another version landed. Those of a
-- person whose consents or requests changed follow int_subjects__changed. Empty in a full refresh.
with
changed_events as (
    {{ changed_rows('disclosures', ['namespace', 'event_id']) }}
)

select distinct namespace, event_id
from changed_events
{% if is_full_refresh() %}where false{% endif %}
