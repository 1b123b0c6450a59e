-- Changed keys: every identifier of each person whose acts of processing an incremental build recomputes: those of
-- int_subjects__changed, and those with an act that landed or came due since the previous build, or of which another version landed,
-- as an act may be on another basis than an earlier one was. Empty in a full refresh.
with
persons as (select * from {{ ref('int_persons__resolved') }}),

changed_events as (
    {{ changed_rows('processing', ['subject_key']) }}
),

named_subjects as (
    select distinct subject_key
    from changed_events
    where subject_key is not null
),

changed_persons as (
    select distinct persons.person_key
    from named_subjects
    inner join persons on named_subjects.subject_key = persons.subject_key
)

select subject_key
from named_subjects
{% if is_full_refresh() %}where false{% endif %}
union
select persons.subject_key
from persons
inner join changed_persons on persons.person_key = changed_persons.person_key
{% if is_full_refresh() %}where false{% endif %}
union
select subject_key
from {{ ref('int_subjects__changed') }}
