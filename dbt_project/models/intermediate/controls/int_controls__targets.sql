-- Every control with each of its metrics and the target in force, for every period: the full product, so that what can't
-- be measured is a row too. A control that people assess, or that has no target in force, has one row and no metric.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

-- The registers of a period's last day apply to it, those of the day of as_of to a running one.
periods as (
    select
        periods.*,
        least(coalesce(periods.period_end - 1, instants.as_of_date), instants.as_of_date) as register_date
    from {{ ref('int_metrics__periods') }} as periods
    cross join instants
),

controls as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.register_date,
        controls.control_id,
        controls.clause_id,
        clauses.assessed_by
    from periods
    inner join {{ source('pack', 'controls') }} as controls on {{ in_force('controls', 'periods.register_date') }}
    inner join {{ source('pack', 'clauses') }} as clauses
        on controls.clause_id = clauses.clause_id and {{ in_force('clauses', 'periods.register_date') }}
),

measured_controls as (
    select
        controls.*,
        targets.metric_code,
        targets.dimension,
        targets.dimension_value,
        targets.operator,
        targets.target::double as target
    from controls
    inner join {{ source('pack', 'control_metrics') }} as targets
        on controls.control_id = targets.control_id and {{ in_force('targets', 'controls.register_date') }}
    inner join {{ ref('metric_catalogue') }} as catalogue on targets.metric_code = catalogue.metric_code
    where catalogue.period_by <> 'to_date' or controls.period_grain = 'to_date'
),

-- A control that people assess, and one for which no target was in force yet.
unmeasured_controls as (
    select controls.*
    from controls
    anti join measured_controls
        on
            controls.control_id = measured_controls.control_id
            and controls.period_grain = measured_controls.period_grain
            and controls.period_start is not distinct from measured_controls.period_start
)

select * from measured_controls
union all by name
select *, null as metric_code, null as dimension, null as dimension_value, null as operator, null::double as target
from unmeasured_controls
