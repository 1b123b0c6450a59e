-- Each promise in its latest wording that has come into force, with the controls that stand for it and who answers for
-- them on the day of as_of.
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
),

clause_owners as (
    select
        controls.clause_id,
        string_agg(distinct owners.owner, '; ' order by owners.owner) as owner,
        min(owners.remedy_due) as remedy_due
    from {{ source('pack', 'owners') }} as owners
    cross join instants
    inner join {{ source('pack', 'controls') }} as controls
        on owners.control_id = controls.control_id and {{ in_force('controls', 'instants.as_of_date') }}
    where {{ in_force('owners', 'instants.as_of_date') }}
    group by controls.clause_id
)

select
    clauses.clause_id,
    clauses.section,
    clauses.promise,
    clauses.source,
    clauses.assessed_by,
    clauses.limits,
    controls.control_ids[1] as control_id,
    coalesce(controls.control_ids, []) as control_ids,
    clause_owners.owner,
    clause_owners.remedy_due
from clauses
left join controls on clauses.clause_id = controls.clause_id
left join clause_owners on clauses.clause_id = clause_owners.clause_id
