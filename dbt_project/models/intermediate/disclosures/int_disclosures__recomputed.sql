-- The disclosures that a daily build judges again, whole, since many questions are put to them: those of whoever is touched, and
-- those without a person that are touched by themselves. Empty on a full build, which judges all of them where they landed.
{{ config(materialized='table') }}

with
events as not materialized (
    select *
    from {{ ref('stg_disclosures__events') }}
    {% if is_full_refresh() %}where false{% endif %}
)

select events.*
from events
semi join {{ ref('int_subjects__changed') }} as touched using (subject_key)
union all
select events.*
from events
semi join {{ ref('int_disclosures__changed') }} as touched using (namespace, event_id)
where events.subject_key is null
