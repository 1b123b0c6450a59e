-- Where every request received went: for each period of receipt and each dimension's value, the parts add up to the whole.
{% set statuses = [
    'excluded', 'no_rule', 'no_deadline', 'closed_on_time', 'closed_late', 'paused', 'open_in_time', 'open_overdue'
] %}
with
unit_counts as (select * from {{ ref('int_metrics__requests_unit_counts') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

by_period as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        unit_counts.dimension,
        unit_counts.dimension_value,
        sum(unit_counts.units)::bigint as received,
        {%- for status in statuses %}
        coalesce(sum(unit_counts.units) filter (unit_counts.status = '{{ status }}'), 0)::bigint as {{ status }},
        {%- endfor %}
        coalesce(sum(unit_counts.units) filter (unit_counts.closed_while_paused), 0)::bigint as closed_while_paused,
        coalesce(sum(unit_counts.units) filter (unit_counts.withdrawn_overdue), 0)::bigint as withdrawn_overdue,
        coalesce(sum(unit_counts.units) filter (not unit_counts.is_determined), 0)::bigint as contested
    from unit_counts
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on unit_counts.received_month is not distinct from periods.month_start
    group by all
)

select
    by_period.*,
    received - ({{ statuses | join(' + ') }}) as balance,
    instants.as_of
from by_period
cross join instants
