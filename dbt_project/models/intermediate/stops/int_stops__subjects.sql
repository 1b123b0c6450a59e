-- Every identifier of the persons with a stop or a pending request, so that other logs are searched for these only.
with
persons as (
    select person_key, true as has_stopped
    from {{ ref('int_stops__begun') }}
    union all
    select person_key, false as has_stopped
    from {{ ref('int_stops__pending') }}
),

stop_persons as (
    select person_key, bool_or(has_stopped) as has_stopped
    from persons
    group by person_key
),

linked_subjects as (
    select subject_key, person_key, stop_persons.has_stopped
    from {{ ref('int_persons__resolved') }}
    inner join stop_persons using (person_key)
)

select subject_key, person_key, has_stopped
from linked_subjects
union
select person_key as subject_key, person_key, has_stopped
from stop_persons
