-- When the answer would be due if every open question were answered at as_of: one row per open right of a request whose clock
-- stands still or has not begun. Which waits count is known by then (int_requests__wait_effects): they end at as_of, are merged by day,
-- and stretch the period in force once more.
{{ config(materialized='table') }}

with
calendar_days as (select * from {{ ref('int_calendar__days') }}),

working_days as (select * from calendar_days where is_working_day),

instants as (select as_of from {{ source('run', 'run_instants') }}),

standing as (
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
    select unit_no, as_of_date, pause_identity, pause_clarification, unnest(questions, max_depth := 2)
    from standing
    where not start_is_outstanding
),

waits as (
    select
        unit_no,
        kind,
        asked as asked_date,
        coalesce(answered, as_of_date) as answered_date,
        if(kind = 'identity', pause_identity, pause_clarification) = 'inclusive' as is_inclusive,
    from questions
    where effect = 'pauses'
),

stretches as (
    {{ merged_waits('waits') }}
),

merged as (
    select
        unit_no,
        min(asked_date + cast(not is_inclusive as integer)) as first_day,
        max(answered_date) as last_day,
        max(answered_date + cast(is_inclusive as integer)) as not_before,
    from stretches
    group by unit_no, stretch
),

given_back as (
    select
        standing.unit_no,
        merged.not_before,
        greatest(merged.first_day, standing.start_date + 1) as first_day,
        case standing.response_unit
            when 'business_day' then greatest(0, last_day.workday_number - before.workday_number)
            else greatest(0, merged.last_day - greatest(merged.first_day, standing.start_date + 1) + 1)
        end as days,
    from merged
    inner join standing using (unit_no)
    left join calendar_days as before
        on
            case standing.response_unit when 'business_day' then standing.calendar end = before.calendar
            and greatest(merged.first_day, standing.start_date + 1) - 1 = before.day
    left join calendar_days as last_day
        on
            case standing.response_unit when 'business_day' then standing.calendar end = last_day.calendar
            and merged.last_day = last_day.day
),

totals as (
    select
        standing.* exclude (questions),
        coalesce(sum(given_back.days), 0) as paused_days,
        max(given_back.not_before) filter (where given_back.days > 0) as not_before,
    from standing
    left join given_back using (unit_no)
    group by all
),

stretched as (
    select
        totals.*,
        case
            when totals.response_unit = 'business_day' then worked.day
            else {{ add_period('totals.start_date', 'totals.period_n', 'totals.response_unit') }} + cast(totals.paused_days as integer)
        end as stretched_date,
        case when stretched_date is not null then greatest(stretched_date, totals.not_before) end as end_date,
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
    stretched.request_key,
    cast(stretched.paused_days as integer) as paused_days,
    {{ rolled('stretched.end_date', 'stretched.roll', 'calendar_days') }} as due_date_if_resumed,
from stretched
left join calendar_days on stretched.calendar = calendar_days.calendar and stretched.end_date = calendar_days.day
