-- The events of consent that an incremental build computes with: those of changed persons, read once for all models that need
-- them. Empty in a full refresh, which reads all of them where they landed.
select events.*
from {{ ref('stg_consents__events') }} as events
semi join {{ ref('int_subjects__changed') }} as changed_subjects using (subject_key)
{% if is_full_refresh() %}where false{% endif %}
