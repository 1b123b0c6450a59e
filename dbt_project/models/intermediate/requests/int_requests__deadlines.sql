-- Everything about a right of a request that does not depend on as_of: when the answer was due and why, when it came, when it
-- left the population. Incremental by request: recomputes changed requests.
-- depends_on: {{ ref('int_requests__changed') }}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_requests__changed': ['namespace', 'request_id']}},
) }}

with
units as (select * from {{ ref('int_requests__units') }}),

rules as (select * from {{ ref('int_requests__rules') }}),

timelines as (select * from {{ ref('int_requests__timeline') }}),

periods as (select * from {{ ref('int_requests__periods') }}),

extensions as (select * from {{ ref('int_requests__extended') }}),

wait_effects as (select * from {{ ref('int_requests__wait_effects') }}),

-- Where the deadline did not start on receipt, the period is counted from another day.
starts as (
    select starts.unit_no, starts.is_outstanding, starts.start_date, periods.*
    from {{ ref('int_requests__started') }} as starts
    inner join units using (unit_no)
    left join periods
        on
            units.rule_no = periods.rule_no
            and units.calendar is not distinct from periods.calendar
            and starts.start_date = periods.day
),

periods_in_force as (
    select
        paused.unit_no,
        paused.paused_days,
        paused.stands_still,
        paused.pauses,
        paused.unrolled_due_date,
        paused.due_date,
        strict.due_date as strict_due_date,
    from {{ ref('int_requests__paused') }} as paused
    left join extensions using (unit_no)
    left join {{ ref('int_requests__paused') }} as strict
        on paused.unit_no = strict.unit_no and paused.period = strict.period and strict.reading = 'strict'
    where
        paused.reading = 'main'
        and paused.period = case when extensions.extension_status = 'valid' then 'extended' else 'unextended' end
),

unextended_periods as (
    select
        paused.unit_no,
        paused.stands_still,
        paused.due_date,
        strict.due_date as strict_due_date,
    from {{ ref('int_requests__paused') }} as paused
    left join {{ ref('int_requests__paused') }} as strict
        on paused.unit_no = strict.unit_no and paused.period = strict.period and strict.reading = 'strict'
    where paused.reading = 'main' and paused.period = 'unextended'
),

requests_with_dates as (
    select
        units.*,
        rules.has_period,
        rules.is_declared,
        rules.extension_n,
        timelines.responded,
        timelines.closed,
        timelines.turns,
        timelines.answer_recorded_at,
        timelines.forwarded,
        -- A withdrawal after the answer has no effect; an exclusion always has.
        least(
            timelines.excluded,
            case when timelines.withdrawn < coalesce(timelines.closed, 9223372036854775807) then timelines.withdrawn end
        ) as departed,
        extensions.notice_date,
        extensions.extension_reason,
        extensions.last_day_for_notice,
        coalesce(extensions.extension_status, 'none') as extension_status,
        wait_effects.questions,
        wait_effects.unpermitted_spans,
        wait_effects.unpermitted_since,
        coalesce(wait_effects.closed_while_waiting, false) as closed_while_waiting,
        periods_in_force.pauses,
        coalesce(starts.is_outstanding, false) as start_is_outstanding,
        coalesce(periods_in_force.stands_still, false) as stands_still,
        coalesce(periods_in_force.paused_days, 0) as paused_days,
        {{ moment_date('timelines.responded', 'units.time_zone') }} as acknowledged_date,
        {{ moment_date('timelines.closed', 'units.time_zone') }} as closed_date,
        cast(timezone(units.time_zone, timelines.declared_due_at) as date) as declared_due_date,
        case when timelines.declares_instant then timelines.declared_due_at end as declared_instant,
        at_receipt.ack_due_date,
        coalesce(starts.base_due_date, at_receipt.base_due_date) as counted_base_due_date,
        -- The period in force: as counted, or with its pause days.
        case
            when periods_in_force.unit_no is not null then periods_in_force.unrolled_due_date
            when extensions.extension_status = 'valid' then coalesce(starts.extended_base_date, at_receipt.extended_base_date)
            else coalesce(starts.base_due_date, at_receipt.base_due_date)
        end as counted_unrolled_due_date,
        case
            when periods_in_force.unit_no is not null then periods_in_force.due_date
            when extensions.extension_status = 'valid' then coalesce(starts.extended_due_date, at_receipt.extended_due_date)
            else coalesce(starts.due_date, at_receipt.due_date)
        end as counted_due_date,
        coalesce(starts.extended_due_date, at_receipt.extended_due_date) as counted_due_date_if_extended,
        -- Its strict interpretation: for the period in force, and for a refusal that may not wait for it.
        case
            when rules.conservative = 'no_pause' or periods_in_force.unit_no is null
                then case
                    when extensions.extension_status = 'valid'
                        then coalesce(starts.extended_conservative_due_date, at_receipt.extended_conservative_due_date)
                    else coalesce(starts.conservative_due_date, at_receipt.conservative_due_date)
                end
            when rules.conservative is null then periods_in_force.due_date
            when rules.conservative = 'no_roll_minus_one_day' then periods_in_force.strict_due_date - 1
            else periods_in_force.strict_due_date
        end as counted_conservative_due_date,
        case
            when not rules.refusal_within_unextended_period then null
            when rules.conservative = 'no_pause' or unextended_periods.unit_no is null
                then coalesce(starts.conservative_due_date, at_receipt.conservative_due_date)
            when rules.conservative is null then unextended_periods.due_date
            when rules.conservative = 'no_roll_minus_one_day' then unextended_periods.strict_due_date - 1
            else unextended_periods.strict_due_date
        end as counted_refusal_due_date,
        coalesce(rules.has_period and starts.unit_no is not null and starts.start_date is not null and starts.due_date is null, false)
            or coalesce(at_receipt.period_is_beyond_calendar, false)
            or coalesce(at_receipt.ack_is_beyond_calendar, false) as is_beyond_calendar,
        coalesce(at_receipt.needs_calendar and not at_receipt.has_calendar, false) as lacks_calendar,
        coalesce(starts.start_date, units.received_date) as counted_start_date,
        forwarding.forwarding_due_date,
    from units
    left join rules using (rule_no)
    left join timelines using (unit_no)
    left join extensions using (unit_no)
    left join wait_effects using (unit_no)
    left join {{ ref('int_requests__forwarding') }} as forwarding using (unit_no)
    left join starts using (unit_no)
    left join periods_in_force using (unit_no)
    left join unextended_periods using (unit_no)
    left join periods as at_receipt
        on
            units.rule_no = at_receipt.rule_no
            and units.calendar is not distinct from at_receipt.calendar
            and units.received_date = at_receipt.day
),

requests_with_rule as (
    select
        *,
        case
            when regime_code is null then 'no_regime'
            when rule_no is null then 'no_rule_in_force'
            when lacks_calendar then 'no_calendar'
            when is_beyond_calendar or (has_period and not start_is_outstanding and not stands_still and counted_due_date is null)
                then 'beyond_calendar'
        end as no_rule_reason,
        no_rule_reason is null and has_period and not start_is_outstanding as is_counted,
        no_rule_reason is null and is_declared as is_as_declared,
    from requests_with_dates
)

select
    request_key,
    namespace,
    request_id,
    right_type,
    subject_key,
    jurisdiction,
    regime_code,
    regime_is_override,
    case when no_rule_reason is null then rule_no end as rule_no,
    rule_no as rule_no_considered,
    no_rule_reason,
    calendar,
    time_zone,
    channel,
    dimensions,
    role,
    received_at,
    recorded_at,
    received_date,
    case when no_rule_reason is null and not start_is_outstanding then counted_start_date end as start_date,
    no_rule_reason is null and start_is_outstanding as start_is_outstanding,
    case when is_counted then counted_base_due_date end as base_due_date,
    case when is_as_declared then declared_due_date when is_counted then counted_unrolled_due_date end as unrolled_due_date,
    case when is_as_declared then declared_due_date when is_counted then counted_due_date end as due_date,
    case when is_as_declared then declared_instant end as due_at,
    case when is_as_declared then declared_due_date when is_counted then counted_conservative_due_date end as conservative_due_date,
    case when is_counted then counted_refusal_due_date end as refusal_due_date,
    case when is_counted then counted_due_date_if_extended end as due_date_if_extended,
    no_rule_reason is null and stands_still as stands_still,
    -- The oldest question that counts and is not answered yet.
    case
        when no_rule_reason is null and (start_is_outstanding or stands_still)
            then list_min(list_transform(
                list_filter(questions, lambda wait: wait.answered is null and wait.effect in ('moves_start', 'pauses')),
                lambda wait: wait.asked
            ))
    end as paused_since,
    no_rule_reason is null and not has_period and not (is_declared and declared_due_date is not null) as has_no_deadline,
    case when no_rule_reason is null then paused_days else 0 end as paused_days,
    pauses,
    questions,
    unpermitted_spans,
    unpermitted_since,
    -- Without a rule nothing permits an extension.
    if(no_rule_reason is not null and extension_status in ('valid', 'late'), 'not_permitted', extension_status) as extension_status,
    notice_date,
    extension_reason,
    last_day_for_notice,
    acknowledged_date,
    case when no_rule_reason is null then ack_due_date end as ack_due_date,
    {{ moment_instant('closed') }} as closed_at,
    closed_date,
    turns,
    answer_recorded_at,
    no_rule_reason is null and closed_while_waiting as closed_while_waiting,
    {{ moment_event_type('closed') }} as outcome,
    {{ moment_reason('closed') }} as outcome_reason,
    case
        when departed is not null
            then case
                when {{ moment_event_number('departed') }} = {{ event_number('withdrawn') }} then 'withdrawn'
                else coalesce({{ moment_reason('departed') }}, 'other')
            end
        when role = 'processor' then 'not_controller'
    end as exclusion_reason,
    case
        when departed is not null then {{ moment_date('departed', 'time_zone') }}
        when role = 'processor' then received_date
    end as left_date,
    case
        when departed is not null then {{ moment_instant('departed') }}
        when role = 'processor' then received_at
    end as left_at,
    declared_due_date,
    {{ moment_instant('forwarded') }} as forwarded_at,
    forwarding_due_date,
    source,
    event_id,
    batch_id,
    row_number,
from requests_with_rule
