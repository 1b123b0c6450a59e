-- The disclosures that an incremental build recomputes, with all their columns because many models read them: those of changed
-- subjects, and changed disclosures without a subject. Empty in a full refresh, which reads all of them where they landed.
with
events as not materialized (
    select *
    from {{ ref('stg_disclosures__events') }}
    {% if is_full_refresh() %}where false{% endif %}
)

select events.*
from events
semi join {{ ref('int_subjects__changed') }} as changed_subjects using (subject_key)
union all
select events.*
from events
semi join {{ ref('int_disclosures__changed') }} as changed_disclosures using (namespace, event_id)
where events.subject_key is null
