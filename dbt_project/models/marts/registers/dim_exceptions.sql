-- Every exception of the register. It explains and excuses nothing: no verdict reads it.
with
instants as (select cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

controls as (select control_id, min(clause_id) as clause_id from {{ source('pack', 'controls') }} group by control_id)

select
    exceptions.exception_id,
    exceptions.control_id,
    controls.clause_id,
    exceptions.scope,
    exceptions.reason,
    exceptions.approved_by,
    exceptions.valid_from,
    exceptions.valid_to,
    cast(exceptions.valid_to - interval 1 day as date) as last_day,
    {{ in_force('exceptions', 'instants.as_of_date') }} as is_in_force,
    instants.as_of_date,
from {{ source('pack', 'exceptions') }} as exceptions
cross join instants
left join controls on exceptions.control_id = controls.control_id
