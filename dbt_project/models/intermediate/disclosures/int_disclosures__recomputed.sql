-- The disclosures that an incremental build recomputes, with all their columns because many models read them: those of changed
-- persons, and changed ones. Empty in a full refresh, which reads all of them where they landed.
select *
from (
    {{ recomputed_events('disclosures') }}
)
{% if is_full_refresh() %}where false{% endif %}
