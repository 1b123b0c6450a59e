-- One row per (request, right) with the months that count it and every column that measures read.
{{ config(materialized='view') }}

with
instants as (select as_of from {{ source('run', 'run_instants') }}),

requests as (select * from {{ ref('fct_requests') }}),

requests_with_uncounted_rows as (select request_key from {{ ref('int_metrics__requests_with_uncounted_rows') }}),

excluded_or_paused as (select request_key from {{ ref('int_metrics__requests_excluded_or_paused') }})

select
    requests.request_key,
    requests.jurisdiction,
    requests.regime_code,
    requests.right_type,
    requests.channel,
    requests.source,
    requests.dimensions,
    date_trunc('month', requests.received_date)::date as received_month,
    date_trunc('month', coalesce(requests.due_date, requests.closed_date))::date as due_month,
    date_trunc('month', requests.ack_due_date)::date as ack_due_month,
    date_trunc('month', requests.closed_date)::date as closed_month,
    requests.status,
    requests.strict_status,
    requests.ack_status,
    requests.forwarding_status,
    requests.extension_status,
    requests.outcome,
    requests.declared_differs,
    requests.withdrawn_overdue,
    coalesce(requests.closed_while_paused, false) as closed_while_paused,
    requests.closed_date is not null and requests.status <> 'excluded' as is_closed,
    coalesce(requests.regime_code = 'DECLARED', false) as is_declared,
    coalesce(requests.regime_code = 'DECLARED' and requests.status = 'no_deadline', false) as is_undated,
    requests.outcome = 'denied' and ({{ is_without_ground('requests.denial_reason') }}) as is_denied_without_ground,
    -- Doubtful: an answer before the receipt has a wrong date, or the receipt has; one that was recorded long after its event time
    -- and after the due date may have been backdated.
    coalesce(requests.closed_while_paused, false)
    or requests.left_overdue
    or coalesce(
        requests.status = 'closed_on_time' and (requests.closed_date < requests.received_date or requests.answer_recorded_late), false
    ) as is_doubtful,
    coalesce(
        requests.status <> 'excluded' and requests.ack_status = 'on_time' and requests.acknowledged_date < requests.received_date, false
    ) as is_acknowledged_too_early,
    coalesce(requests.ack_status in ('late', 'open_overdue') and requests.left_date > requests.ack_due_date, false) as left_unacknowledged,
    requests_with_uncounted_rows.request_key is null as is_determined,
    excluded_or_paused.request_key is not null as has_left_the_clock,
    case requests.rule_confidence when 'low' then 1 when 'medium' then 2 when 'high' then 3 end as confidence_rank,
    requests.days_to_close,
    requests.days_open,
    requests.recorded_at is not null as is_intake_known,
    (epoch_us(requests.recorded_at) - epoch_us(requests.received_at)) / 86400e6 as intake_lag_days,
    requests.forwarded_at is not null as is_forwarded,
    -- A request that was never forwarded has waited until as_of, unless it was excluded or withdrawn.
    case
        when requests.role = 'processor' and (requests.forwarded_at is not null or requests.exclusion_reason = 'not_controller')
            then (epoch_us(coalesce(requests.forwarded_at, instants.as_of)) - epoch_us(requests.received_at)) / 3600e6
    end as forwarding_hours
from requests
cross join instants
left join requests_with_uncounted_rows on requests.request_key = requests_with_uncounted_rows.request_key
left join excluded_or_paused on requests.request_key = excluded_or_paused.request_key
