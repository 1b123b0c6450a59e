-- Where every request received went: for each period of receipt and each dimension's value, the parts add up to the whole.
{% set statuses = [
    'excluded', 'no_rule', 'no_deadline', 'closed_on_time', 'closed_late', 'paused', 'open_in_time', 'open_overdue'
] %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),
periods as (select * from {{ ref('int_metrics__periods') }}),
instants as (select as_of from {{ source('run', 'run_instants') }}),

by_month as (
    select
        received_month as month_start,
        {{ dimension_columns(request_dimensions()) }},
        count(*) as received,
        {%- for status in statuses %}
        count_if(status = '{{ status }}') as {{ status }},
        {%- endfor %}
        count_if(closed_while_paused) as closed_while_paused,
        count_if(withdrawn_overdue) as withdrawn_overdue,
        count_if(not is_judged) as contested
    from units
    group by {{ dimension_sets(['received_month'], request_dimensions()) }}
),

by_period as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        by_month.dimension,
        by_month.dimension_value,
        sum(by_month.received)::bigint as received,
        {%- for status in statuses %}
        sum(by_month.{{ status }})::bigint as {{ status }},
        {%- endfor %}
        sum(by_month.closed_while_paused)::bigint as closed_while_paused,
        sum(by_month.withdrawn_overdue)::bigint as withdrawn_overdue,
        sum(by_month.contested)::bigint as contested
    from by_month
    inner join periods
        on
            periods.period_grain = 'to_date'
            or (by_month.month_start >= periods.period_start and by_month.month_start < periods.period_end)
    group by all
)

select
    by_period.*,
    received - ({{ statuses | join(' + ') }}) as balance,
    instants.as_of
from by_period
cross join instants
