-- Every identifier of those who stopped something or wait for an answer, so that other logs are searched for these alone.
with
persons as (
    select person_key, true as has_stopped
    from {{ ref('int_stops__begun') }}
    union all
    select person_key, false as has_stopped
    from {{ ref('int_stops__pending') }}
),

concerned as (
    select person_key, bool_or(has_stopped) as has_stopped
    from persons
    group by person_key
),

linked as (
    select subject_key, person_key, concerned.has_stopped
    from {{ ref('int_persons__resolved') }}
    inner join concerned using (person_key)
)

select subject_key, person_key, has_stopped
from linked
union
select person_key as subject_key, person_key, has_stopped
from concerned
