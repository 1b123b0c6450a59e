-- The acts of processing that an incremental build recomputes: those that changed, those of changed persons, and all acts of a person
-- with a stop of whom one changed, as an act may be on another basis than an earlier one was. Empty in a full refresh, which reads all
-- of them where they landed.
with
stopped_subjects as (select subject_key, person_key from {{ ref('int_stops__subjects') }}),

changed_acts as (
    {{ changed_rows('processing', ['subject_key']) }}
),

changed_persons as (
    select stopped_subjects.person_key
    from stopped_subjects
    semi join changed_acts on stopped_subjects.subject_key = changed_acts.subject_key
)

select *
from (
    {{ recomputed_events('processing') }}
    union by name
    select events.*
    from {{ ref('stg_processing__events') }} as events
    semi join (select subject_key from stopped_subjects semi join changed_persons using (person_key)) as subjects using (subject_key)
)
{% if is_full_refresh() %}where false{% endif %}
