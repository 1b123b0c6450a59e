-- The open requests of each right rolled from the beginning of a period to its end, and from there to every denominator by
-- which the figures count: the waterfall counts by receipt and adherence by due date, and here the one leads to the other.
{% set movements = ['received', 'reopened', 'answered', 'excluded'] %}
{% set answered_statuses = "status in ('closed_on_time', 'closed_late')" %}
with
periods as (select * from {{ ref('int_metrics__periods') }}),

monthly_movements as (
    select right_type, date_trunc('month', moved_on)::date as month_start, movement, fate, count(*) as units
    from {{ ref('int_requests__movements') }}
    group by all
),

requests as (
    select
        right_type,
        date_trunc('month', received_date)::date as received_month,
        date_trunc('month', closed_date)::date as closed_month,
        date_trunc('month', coalesce(due_date, closed_date))::date as due_month,
        date_trunc('month', ack_due_date)::date as ack_due_month,
        status,
        strict_status,
        ack_status,
        coalesce(regime_code = 'DECLARED', false) as is_declared,
        count(*) as units,
    from {{ ref('fct_requests') }}
    group by all
),

rights as (select distinct right_type from requests),

grid as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        rights.right_type,
        coalesce(periods.period_start, date '0001-01-01') as from_day,
        coalesce(periods.period_end, date '9999-12-31') as to_day,
    from periods
    cross join rights
),

rolled_periods as (
    select
        grid.period_grain,
        grid.period_start,
        grid.right_type,
        sum(if(monthly_movements.movement in ('received', 'reopened'), monthly_movements.units, -monthly_movements.units)) filter (monthly_movements.month_start < grid.from_day) as opening,
        sum(if(monthly_movements.movement in ('received', 'reopened'), monthly_movements.units, -monthly_movements.units)) as closing,
        {%- for movement in movements %}
        sum(monthly_movements.units) filter (monthly_movements.movement = '{{ movement }}' and monthly_movements.month_start >= grid.from_day) as {{ movement }},
        {%- endfor %}
        sum(monthly_movements.units) filter (monthly_movements.fate = 'reopened' and monthly_movements.month_start >= grid.from_day) as answered_reopened,
        sum(monthly_movements.units) filter (monthly_movements.fate = 'excluded' and monthly_movements.month_start >= grid.from_day) as answered_excluded,
        sum(monthly_movements.units) filter (monthly_movements.fate = 'stands' and monthly_movements.month_start >= grid.from_day) as answers_standing,
    from grid
    inner join monthly_movements on grid.right_type = monthly_movements.right_type and monthly_movements.month_start < grid.to_day
    group by grid.period_grain, grid.period_start, grid.right_type
),

-- Where each request stands to the period: received, closed, due or to be acknowledged in it or not.
requests_by_period as (
    select
        grid.period_grain,
        grid.period_start,
        grid.right_type,
        requests.* exclude (right_type, received_month, closed_month, due_month, ack_due_month),
        grid.period_start is null or (requests.received_month >= grid.from_day and requests.received_month < grid.to_day) as received_here,
        coalesce(requests.closed_month >= grid.from_day and requests.closed_month < grid.to_day, false)
        and requests.status <> 'excluded' as closed_here,
        grid.period_start is null or coalesce(requests.due_month >= grid.from_day and requests.due_month < grid.to_day, false) as due_here,
        grid.period_start is null
        or coalesce(requests.ack_due_month >= grid.from_day and requests.ack_due_month < grid.to_day, false) as ack_due_here,
        requests.status <> 'excluded' and coalesce(requests.ack_status in ('on_time', 'late', 'open_overdue'), false) as ack_fell_due,
    from grid
    inner join requests on grid.right_type = requests.right_type
),

bridge_counts as (
    select
        period_grain,
        period_start,
        right_type,
        sum(units) filter (received_here and status = 'excluded') as received_excluded,
        sum(units) filter (received_here and status in ('no_rule', 'no_deadline')) as received_without_deadline,
        sum(units) filter (received_here and status not in ('excluded', 'no_rule', 'no_deadline')) as achievable,
        sum(units) filter (closed_here) as closed,
        sum(units) filter (closed_here and status in ('no_rule', 'no_deadline')) as closed_without_deadline,
        sum(units) filter (closed_here and {{ answered_statuses }} and is_declared) as closed_declared,
        sum(units) filter (closed_here and not due_here and {{ answered_statuses }} and not is_declared) as closed_due_elsewhere,
        sum(units) filter (due_here and not closed_here and {{ answered_statuses }} and not is_declared) as due_closed_elsewhere,
        sum(units) filter (due_here and status = 'open_overdue' and not is_declared) as due_open_overdue,
        sum(units) filter (due_here and (status = 'open_overdue' or {{ answered_statuses }}) and not is_declared) as fell_due,
        sum(units) filter (due_here and strict_status = 'open_overdue' and not is_declared) as strictly_open_overdue,
        sum(units) filter (
            due_here and strict_status in ('closed_on_time', 'closed_late', 'open_overdue') and not is_declared
        ) as fell_due_strictly,
        sum(units) filter (due_here and (status = 'open_overdue' or {{ answered_statuses }}) and is_declared) as declared_fell_due,
        sum(units) filter (received_here and (ack_status is null or status = 'excluded')) as received_no_ack,
        sum(units) filter (received_here and ack_status = 'open_in_time' and status <> 'excluded') as received_ack_running,
        sum(units) filter (received_here and ack_fell_due and not ack_due_here) as received_ack_due_elsewhere,
        sum(units) filter (ack_due_here and ack_fell_due and not received_here) as ack_due_received_elsewhere,
        sum(units) filter (ack_due_here and ack_fell_due) as ack_fell_due,
    from requests_by_period
    group by period_grain, period_start, right_type
),

roll_forward as (
    select
        grid.period_grain,
        grid.period_start,
        grid.period_end,
        grid.right_type,
        {%- for column in ['opening'] + movements + ['closing', 'answered_reopened', 'answered_excluded', 'answers_standing'] %}
        coalesce(rolled_periods.{{ column }}, 0)::bigint as {{ column }},
        {%- endfor %}
        {%- for column in [
            'received_excluded', 'received_without_deadline', 'achievable', 'closed', 'closed_without_deadline', 'closed_declared',
            'closed_due_elsewhere', 'due_closed_elsewhere', 'due_open_overdue', 'fell_due', 'strictly_open_overdue',
            'fell_due_strictly', 'declared_fell_due', 'received_no_ack', 'received_ack_running', 'received_ack_due_elsewhere',
            'ack_due_received_elsewhere', 'ack_fell_due',
        ] %}
        coalesce(bridge_counts.{{ column }}, 0)::bigint as {{ column }},
        {%- endfor %}
    from grid
    left join rolled_periods
        on
            grid.period_grain = rolled_periods.period_grain
            and grid.period_start is not distinct from rolled_periods.period_start
            and grid.right_type = rolled_periods.right_type
    left join bridge_counts
        on
            grid.period_grain = bridge_counts.period_grain
            and grid.period_start is not distinct from bridge_counts.period_start
            and grid.right_type = bridge_counts.right_type
)

select
    period_grain,
    period_start,
    period_end,
    right_type,
    opening,
    received,
    reopened,
    answered,
    excluded,
    closing,
    opening + received + reopened - answered - excluded - closing as balance,
    answered_reopened,
    answered_excluded,
    closed - answers_standing as answered_before_receipt,
    closed,
    closed_without_deadline,
    closed_declared,
    closed_due_elsewhere,
    due_closed_elsewhere,
    due_open_overdue,
    fell_due,
    strictly_open_overdue - due_open_overdue as strictly_overdue_beyond,
    fell_due_strictly,
    declared_fell_due,
    received_excluded,
    received_without_deadline,
    achievable,
    received_no_ack,
    received_ack_running,
    received_ack_due_elsewhere,
    ack_due_received_elsewhere,
    ack_fell_due,
    instants.as_of,
from roll_forward
cross join (select as_of from {{ source('run', 'run_instants') }}) as instants
