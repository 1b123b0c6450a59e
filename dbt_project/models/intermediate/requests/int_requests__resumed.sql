-- The due date if every open question were answered at as_of: one row per open right of a request whose deadline is paused or
-- has not begun. The waits that count (int_requests__wait_effects) end at as_of, are merged by day, and their pause days are
-- added to the period in force.
with
calendar_days as (select * from {{ ref('int_calendar__days') }}),

working_days as (select * from calendar_days where is_working_day),

instants as (select as_of from {{ source('run', 'run_instants') }}),

waiting_requests as (
    select
        row_number() over () as unit_no,
        deadlines.request_key,
        deadlines.calendar,
        deadlines.questions,
        deadlines.start_is_outstanding,
        rules.response_unit,
        rules.roll,
        rules.pause_identity,
        rules.pause_clarification,
        rules.response_n + if(deadlines.extension_status = 'valid', rules.extension_n, 0) as period_n,
        cast(timezone(deadlines.time_zone, instants.as_of) as date) as as_of_date,
        if(deadlines.start_is_outstanding, as_of_date, deadlines.start_date) as start_date,
    from {{ ref('int_requests__deadlines') }} as deadlines
    cross join instants
    inner join {{ ref('int_requests__rules') }} as rules using (rule_no)
    where
        (deadlines.start_is_outstanding or deadlines.stands_still)
        and deadlines.closed_date is null
        and deadlines.exclusion_reason is null
),

questions as (
    select unit_no, as_of_date, pause_identity, pause_clarification, unnest(questions) as question
    from waiting_requests
    where not start_is_outstanding
),

waits as (
    select
        unit_no,
        question.kind as kind,
        question.asked as asked_date,
        coalesce(question.answered, as_of_date) as answered_date,
        if(question.kind = 'identity', pause_identity, pause_clarification) = 'inclusive' as is_inclusive,
    from questions
    where question.effect = 'pauses'
),

grouped_waits as (
    {{ merged_waits('waits') }}
),

merged_waits as (
    select
        unit_no,
        min(asked_date + cast(not is_inclusive as integer)) as first_day,
        max(answered_date) as last_day,
        max(answered_date + cast(is_inclusive as integer)) as not_before,
    from grouped_waits
    group by unit_no, wait_no
),

pause_days as (
    select
        waiting_requests.unit_no,
        merged_waits.not_before,
        greatest(merged_waits.first_day, waiting_requests.start_date + 1) as first_day,
        case waiting_requests.response_unit
            when 'business_day' then greatest(0, last_day.workday_number - before.workday_number)
            else greatest(0, merged_waits.last_day - greatest(merged_waits.first_day, waiting_requests.start_date + 1) + 1)
        end as days,
    from merged_waits
    inner join waiting_requests using (unit_no)
    left join calendar_days as before
        on
            case waiting_requests.response_unit when 'business_day' then waiting_requests.calendar end = before.calendar
            and greatest(merged_waits.first_day, waiting_requests.start_date + 1) - 1 = before.day
    left join calendar_days as last_day
        on
            case waiting_requests.response_unit when 'business_day' then waiting_requests.calendar end = last_day.calendar
            and merged_waits.last_day = last_day.day
),

totals as (
    select
        waiting_requests.* exclude (questions),
        coalesce(sum(pause_days.days), 0) as paused_days,
        max(pause_days.not_before) filter (where pause_days.days > 0) as not_before,
    from waiting_requests
    left join pause_days using (unit_no)
    group by all
),

resumed_periods as (
    select
        totals.*,
        case
            when totals.response_unit = 'business_day' then worked.day
            else {{ add_period('totals.start_date', 'totals.period_n', 'totals.response_unit') }} + cast(totals.paused_days as integer)
        end as date_with_pauses,
        case when date_with_pauses is not null then greatest(date_with_pauses, totals.not_before) end as end_date,
    from totals
    left join calendar_days as began
        on
            case totals.response_unit when 'business_day' then totals.calendar end = began.calendar
            and totals.start_date = began.day
    left join working_days as worked
        on
            began.calendar = worked.calendar
            and began.workday_number + totals.period_n + totals.paused_days = worked.workday_number
)

select
    resumed_periods.request_key,
    cast(resumed_periods.paused_days as integer) as paused_days,
    {{ rolled('resumed_periods.end_date', 'resumed_periods.roll', 'calendar_days') }} as due_date_if_resumed,
from resumed_periods
left join calendar_days on resumed_periods.calendar = calendar_days.calendar and resumed_periods.end_date = calendar_days.day
