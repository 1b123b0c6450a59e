-- A row here is a control in force that has no verdict in a period: a promise that fell off the scorecard.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

expected as (
    select controls.control_id, periods.period_grain, periods.period_start
    from {{ source('pack', 'controls') }} as controls
    cross join {{ ref('int_metrics__periods') }} as periods
    cross join instants
    inner join {{ source('pack', 'clauses') }} as clauses
        on controls.clause_id = clauses.clause_id and {{ in_force('clauses', 'least(coalesce(periods.period_end - 1, instants.as_of_date), instants.as_of_date)') }}
    where {{ in_force('controls', 'least(coalesce(periods.period_end - 1, instants.as_of_date), instants.as_of_date)') }}
)

select expected.*
from expected
left join {{ ref('fct_control_status') }} as statuses
    on
        expected.control_id = statuses.control_id
        and expected.period_grain = statuses.period_grain
        and expected.period_start is not distinct from statuses.period_start
where statuses.control_id is null
