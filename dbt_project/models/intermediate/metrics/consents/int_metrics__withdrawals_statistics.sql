-- How long withdrawals took to hold everywhere, each as long as its slowest system; within the dimension `system`, as long as
-- that system took. Medians and percentiles by linear interpolation. One that is overdue and never confirmed has no hours: at
-- worst it lasts longer than all others, as every row does that can't be judged, and no bound is known where those decide.
{% set dimensions = ['purpose_code', 'source'] %}
{% set quantiles = {'withdrawal_propagation_p50_hours': 50, 'withdrawal_propagation_p95_hours': 95} %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
doubt as (select * from {{ ref('int_metrics__doubt') }}),

systems as (
    select
        systems.*,
        date_trunc('month', timezone(instants.time_zone, systems.withdrawn_at))::date as month_start,
    from {{ ref('fct_withdrawal_systems') }} as systems
    cross join instants
),

withdrawals as (
    select
        any_value(month_start) as month_start,
        any_value(purpose_code) as purpose_code,
        any_value(source) as source,
        any_value(propagation_hours) as hours,
        bool_or(status = 'unconfirmed') as is_overdue,
    from systems
    group by namespace, event_id
),

lasting as (
    select
        periods.period_grain,
        periods.period_start,
        {{ dimension_columns(dimensions) }},
        list(hours order by hours) filter (hours is not null) as known,
        count(*) filter (hours is null and is_overdue) as endless,
    from withdrawals
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on withdrawals.month_start = periods.month_start
    group by {{ dimension_sets(['period_grain', 'period_start'], dimensions) }}
    union all
    select
        periods.period_grain,
        periods.period_start,
        'system',
        systems.system,
        list(hours order by hours) filter (hours is not null),
        count(*) filter (hours is null and status = 'unconfirmed'),
    from systems
    inner join {{ ref('int_metrics__periods_of_months') }} as periods on systems.month_start = periods.month_start
    group by periods.period_grain, periods.period_start, systems.system
),

counted as (
    {%- for metric_code, percent in quantiles.items() %}
    select
        '{{ metric_code }}' as metric_code,
        {{ percent }} as percent,
        lasting.*,
        len(lasting.known) as units,
        len(lasting.known) + lasting.endless + coalesce(doubt.unjudged_units, 0) as worst_units,
    from lasting
    left join doubt
        on
            doubt.metric_code = '{{ metric_code }}'
            and lasting.period_grain = doubt.period_grain
            and lasting.period_start is not distinct from doubt.period_start
            and lasting.dimension = doubt.dimension
            and lasting.dimension_value = doubt.dimension_value
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    metric_code,
    period_grain,
    period_start,
    dimension,
    dimension_value,
    coalesce(units, 0)::bigint as units,
    null::bigint as numerator,
    null::bigint as denominator,
    {{ quantile_of('known', 'percent', 'units') }} as value,
    {{ quantile_of('known', 'percent', 'worst_units') }} as worst_value,
from counted
