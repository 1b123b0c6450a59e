-- The attestation of a control that covers a whole period, or its elapsed part: the last one made until as_of. A review of
-- excluded or paused requests is an attestation.
with
instants as (select (as_of at time zone time_zone)::date as as_of_date from {{ source('run', 'run_instants') }}),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        coalesce(periods.period_start, min(periods.period_start) filter (where periods.period_grain = 'month') over ()) as first_day,
        least(periods.period_end - 1, instants.as_of_date) as last_day,
        instants.as_of_date
    from {{ ref('int_metrics__periods') }} as periods
    cross join instants
)

select
    attestations.control_id,
    periods.period_grain,
    periods.period_start,
    attestations.result as attestation_result,
    attestations.assessed_on as attested_on,
    attestations.valid_to as attestation_valid_to,
    attestations.assessor_role as attested_by
from periods
inner join {{ source('pack', 'attestations') }} as attestations
    on
        attestations.assessed_on <= periods.as_of_date
        and {{ in_force('attestations', 'periods.first_day') }}
        and attestations.valid_to > periods.last_day
qualify row_number() over (
    partition by attestations.control_id, periods.period_grain, periods.period_start
    order by attestations.assessed_on desc
) = 1
