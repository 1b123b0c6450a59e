-- Each promise in its latest wording that has come into force, with the controls that stand for it.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

clauses as (
    select clauses.*
    from {{ source('pack', 'clauses') }} as clauses
    cross join instants
    where coalesce(clauses.valid_from, date '0001-01-01') <= instants.as_of_date
    qualify row_number() over (partition by clauses.clause_id order by clauses.valid_from desc nulls last) = 1
),

controls as (
    select clause_id, list_sort(list(distinct control_id)) as control_ids
    from {{ source('pack', 'controls') }}
    group by clause_id
)

select
    clauses.clause_id,
    clauses.section,
    clauses.promise,
    clauses.source,
    clauses.assessed_by,
    clauses.limits,
    controls.control_ids[1] as control_id,
    coalesce(controls.control_ids, []) as control_ids
from clauses
left join controls on clauses.clause_id = controls.clause_id
