-- Every identifier of those who stopped something, so that other logs are searched for these alone.
with
stopped as (select distinct person_key from {{ ref('int_stops__begun') }}),

linked as (
    select subject_key, person_key
    from {{ ref('int_persons__resolved') }}
    semi join stopped using (person_key)
)

select subject_key, person_key
from linked
union
select person_key as subject_key, person_key
from stopped
