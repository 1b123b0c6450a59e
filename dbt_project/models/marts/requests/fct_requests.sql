-- Every right of every request in exactly one status at as_of: a projection of int_requests__deadlines, recomputed in every
-- build because a passing day changes it without an event.
with
instants as (select as_of, due_soon_days from {{ source('run', 'run_instants') }}),

deadlines as (select * from {{ ref('int_requests__deadlines') }}),

rules as (select * from {{ ref('int_requests__rules') }}),

resumed as (select request_key, paused_days, due_date_if_resumed from {{ ref('int_requests__resumed') }}),

requests_with_dates as (
    select
        deadlines.* exclude (paused_days),
        coalesce(resumed.paused_days, deadlines.paused_days) as paused_days,
        resumed.due_date_if_resumed,
        rules.rule_id,
        rules.citation as rule_citation,
        rules.confidence as rule_confidence,
        instants.due_soon_days,
        cast(timezone(deadlines.time_zone, instants.as_of) as date) as as_of_date,
        case
            when deadlines.outcome = 'denied' and rules.refusal_within_unextended_period then deadlines.refusal_due_date
            else deadlines.conservative_due_date
        end as strict_due_date,
        -- A due time counts to the instant, a due date to the end of its local day.
        case
            when deadlines.due_at is not null then coalesce(deadlines.closed_at, instants.as_of) > deadlines.due_at
            else coalesce(deadlines.closed_date, as_of_date) > deadlines.due_date
        end as is_past_due,
        case
            when deadlines.due_at is not null then is_past_due
            else coalesce(deadlines.closed_date, as_of_date) > strict_due_date
        end as is_strictly_past_due,
        case
            when deadlines.due_at is not null then deadlines.left_at > deadlines.due_at
            else deadlines.left_date > deadlines.due_date
        end as left_past_due,
    from deadlines
    cross join instants
    left join rules using (rule_no)
    left join resumed on deadlines.request_key = resumed.request_key
),

requests_with_status as (
    select
        *,
        least(coalesce(closed_date, as_of_date), as_of_date) as waited_until,
        case
            when exclusion_reason is not null then 'excluded'
            when no_rule_reason is not null then 'no_rule'
            when has_no_deadline then 'no_deadline'
            when closed_date is not null and (due_date is null or not is_past_due or closed_while_waiting) then 'closed_on_time'
            when closed_date is not null then 'closed_late'
            when due_date is null then 'paused'
            when not is_past_due then 'open_in_time'
            else 'open_overdue'
        end as status,
        case
            when ack_due_date is null then null
            when acknowledged_date is not null then if(acknowledged_date <= ack_due_date, 'on_time', 'late')
            else if(as_of_date <= ack_due_date, 'open_in_time', 'open_overdue')
        end as ack_status,
        -- What was thrown out or withdrawn need not be passed on.
        case
            when forwarding_due_date is null or exclusion_reason <> 'not_controller' then null
            when forwarded_at is not null
                then if(cast(timezone(time_zone, forwarded_at) as date) <= forwarding_due_date, 'on_time', 'late')
            else if(as_of_date <= forwarding_due_date, 'open_in_time', 'open_overdue')
        end as forwarding_status,
    from requests_with_dates
),

requests_with_measures as (
    select
        *,
        case
            when status in ('excluded', 'no_rule', 'no_deadline') or strict_due_date is null then status
            when closed_date is not null then if(is_strictly_past_due, 'closed_late', 'closed_on_time')
            else if(is_strictly_past_due, 'open_overdue', 'open_in_time')
        end as strict_status,
        {{ days_without_effect('unpermitted_spans', 'unpermitted_since', 'waited_until') }} as unpermitted_pause_days,
    from requests_with_status
)

select
    request_key,
    namespace,
    source,
    request_id,
    right_type,
    subject_key,
    jurisdiction,
    regime_code,
    rule_id,
    channel,
    received_at,
    received_date,
    start_date,
    base_due_date,
    due_date,
    conservative_due_date,
    paused_days,
    unpermitted_pause_days,
    extension_status,
    acknowledged_date,
    ack_due_date,
    ack_status,
    closed_date,
    status in ('closed_on_time', 'closed_late') and closed_while_waiting as closed_while_paused,
    outcome,
    case when outcome = 'denied' then outcome_reason end as denial_reason,
    status,
    exclusion_reason,
    coalesce(exclusion_reason = 'withdrawn' and left_past_due, false) as withdrawn_overdue,
    status = 'open_in_time' and as_of_date >= due_date - cast(due_soon_days as integer) as due_soon,
    closed_date - received_date as days_to_close,
    case when closed_date is null and exclusion_reason is null then as_of_date - received_date end as days_open,
    case
        when status not in ('excluded', 'no_rule', 'no_deadline') and due_date is not null
            then greatest(0, waited_until - due_date)
    end as days_overdue,
    declared_due_date,
    case when regime_code <> 'DECLARED' then declared_due_date <> due_date end as declared_differs,
    strict_status,
    rule_confidence,
    -- Beyond the published minimum.
    closed_at,
    answer_recorded_at,
    status in ('closed_on_time', 'closed_late') and coalesce(
        if(due_at is null, cast(timezone(time_zone, answer_recorded_at) as date) > due_date, answer_recorded_at > due_at), false
    ) as answer_recorded_late,
    due_at,
    unrolled_due_date,
    strict_due_date,
    due_date_if_extended,
    notice_date,
    extension_reason,
    case when status = 'paused' then paused_since end as paused_since,
    case when status = 'paused' then due_date_if_resumed end as due_date_if_resumed,
    outcome_reason,
    left_date,
    coalesce(left_past_due, false) as left_overdue,
    no_rule_reason,
    rule_citation,
    regime_is_override,
    calendar,
    time_zone,
    role,
    recorded_at,
    forwarded_at,
    forwarding_due_date,
    forwarding_status,
    dimensions,
    request_key in (select conflicts.request_key from {{ ref('int_requests__conflicts') }} as conflicts) as has_conflict,
    event_id,
    batch_id,
    row_number,
from requests_with_measures
