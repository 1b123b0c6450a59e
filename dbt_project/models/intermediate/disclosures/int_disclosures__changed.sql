-- Changed keys: the disclosures without a subject that landed or came due since the previous build. Disclosures with a subject
-- change with int_subjects__changed. Empty in a full refresh.
with
changed_events as (
    {{ changed_rows('disclosures', ['namespace', 'event_id', 'subject_key']) }}
)

select distinct namespace, event_id
from changed_events
where subject_key is null
{% if is_full_refresh() %}and false{% endif %}
