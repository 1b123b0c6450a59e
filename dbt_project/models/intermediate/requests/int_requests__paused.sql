-- How far the waits that the law permits stretch a period: one row per right of a request that has one, period
-- (unextended, extended) and reading (main, strict). The set-based recipe of the deadline engine: the waits of a unit are
-- merged by day and put in order; each counts if it and all before it were asked while the period, stretched so far, ran.
{{ config(materialized='table') }}

with
calendar_days as (select * from {{ ref('int_calendar__days') }}),

working_days as (select * from calendar_days where is_working_day),

rules as (select * from {{ ref('int_requests__rules') }} where has_period),

clocks as (
    select
        units.unit_no,
        units.calendar,
        rules.response_unit,
        rules.roll,
        rules.conservative,
        rules.pause_identity,
        rules.pause_clarification,
        coalesce(started.start_date, units.received_date) as start_date,
        periods.base_due_date,
        case when timelines.has_notice then periods.extended_base_date end as extended_base_date,
    from {{ ref('int_requests__units') }} as units
    inner join rules using (rule_no)
    inner join {{ ref('int_requests__timeline') }} as timelines using (unit_no)
    left join {{ ref('int_requests__started') }} as started using (unit_no)
    inner join {{ ref('int_requests__periods') }} as periods
        on
            units.rule_no = periods.rule_no
            and units.calendar is not distinct from periods.calendar
            and coalesce(started.start_date, units.received_date) = periods.day
    where
        timelines.questions is not null
        and (rules.pause_identity <> 'none' or rules.pause_clarification <> 'none')
        and not coalesce(started.is_outstanding, false)
),

runs as (
    select *, 'unextended' as period, base_due_date as unstretched_date from clocks
    union all
    select *, 'extended' as period, extended_base_date as unstretched_date from clocks
    where extended_base_date is not null
),

readings as (
    select unit_no, period, 'main' as reading, unstretched_date, start_date, calendar, response_unit, roll, false as counts_day_asked
    from runs
    union all
    select
        unit_no,
        period,
        'strict' as reading,
        unstretched_date,
        start_date,
        calendar,
        response_unit,
        case when conservative like 'no_roll%' then 'none' else roll end as roll,
        conservative = 'exclusive_pause' as counts_day_asked,
    from runs
    where conservative in ('exclusive_pause', 'no_roll', 'no_roll_minus_one_day')
),

permitted as (
    select
        waits.*,
        case waits.kind when 'identity' then clocks.pause_identity else clocks.pause_clarification end = 'inclusive' as is_inclusive,
    from {{ ref('int_requests__waits') }} as waits
    inner join clocks using (unit_no)
    where
        (waits.kind = 'identity' and clocks.pause_identity <> 'none')
        or (waits.kind = 'clarification' and clocks.pause_clarification <> 'none')
),

answered as (select * from permitted where answered_date is not null),

stretches as (
    {{ merged_waits('answered') }}
),

merged as (
    select
        unit_no,
        string_agg(distinct kind, ' and ' order by kind) as kinds,
        min(asked_date) as asked_date,
        max(answered_date) as answered_date,
        min(asked_date + cast(not is_inclusive as integer)) as first_day,
        max(answered_date + cast(is_inclusive as integer)) as not_before,
    from stretches
    group by unit_no, stretch
    union all
    select
        unit_no,
        arg_min(kind, asked) as kinds,
        min(asked_date) as asked_date,
        null as answered_date,
        null as first_day,
        null as not_before,
    from permitted
    where answered_date is null
    group by unit_no
),

-- The days after the start on which the clock stood still; the working days among them for a period in business days.
given_back as (
    select
        readings.*,
        merged.kinds,
        merged.asked_date,
        merged.answered_date,
        case when readings.counts_day_asked then merged.answered_date else merged.not_before end as not_before,
        greatest(
            case when readings.counts_day_asked then merged.asked_date + 1 else merged.first_day end,
            readings.start_date + 1
        ) as first_day,
        merged.answered_date is null as is_open,
    from merged
    inner join readings using (unit_no)
),

-- As in int_requests__periods, working days are asked for as part of an equality.
weighed as (
    select
        given_back.*,
        case
            when given_back.is_open then 0
            when given_back.response_unit = 'business_day'
                then greatest(0, coalesce(last_day.workday_number - before.workday_number, 0))
            else greatest(0, given_back.answered_date - given_back.first_day + 1)
        end as days_given_back,
        given_back.response_unit = 'business_day'
            and not given_back.is_open
            and (last_day.workday_number is null or before.workday_number is null) as is_beyond_calendar,
        base.workday_number as base_workday_number,
    from given_back
    left join calendar_days as before
        on
            case given_back.response_unit when 'business_day' then given_back.calendar end = before.calendar
            and given_back.first_day - 1 = before.day
    left join calendar_days as last_day
        on
            case given_back.response_unit when 'business_day' then given_back.calendar end = last_day.calendar
            and given_back.answered_date = last_day.day
    left join calendar_days as base
        on
            case given_back.response_unit when 'business_day' then given_back.calendar end = base.calendar
            and given_back.unstretched_date = base.day
),

so_far as (
    select
        *,
        coalesce(sum(days_given_back) over earlier, 0) as days_before,
        max(not_before) filter (where days_given_back > 0) over earlier as not_before_so_far,
        coalesce(bool_or(is_open) over earlier, false) as stands_still_before,
        -- Asked on the day on which the last answer came: still the same stretch of waiting.
        coalesce(asked_date <= max(answered_date) over earlier, false) as goes_on,
    from weighed
    window earlier as (
        partition by unit_no, period, reading
        order by asked_date, is_open
        rows between unbounded preceding and 1 preceding
    )
),

stretched as (
    select
        so_far.*,
        case
            when so_far.response_unit = 'business_day' then worked.day
            else so_far.unstretched_date + cast(so_far.days_before as integer)
        end as stretched_so_far,
        case when stretched_so_far is not null then greatest(stretched_so_far, so_far.not_before_so_far) end as end_so_far,
    from so_far
    left join working_days as worked
        on
            case so_far.response_unit when 'business_day' then so_far.calendar end = worked.calendar
            and so_far.base_workday_number + so_far.days_before = worked.workday_number
),

judged as (
    select
        stretched.*,
        bool_and(
            stretched.stands_still_before
            or stretched.goes_on
            or coalesce(stretched.asked_date <= {{ rolled('stretched.end_so_far', 'stretched.roll', 'calendar_days') }}, false)
        ) over (
            partition by stretched.unit_no, stretched.period, stretched.reading
            order by stretched.asked_date, stretched.is_open
            rows between unbounded preceding and current row
        ) as counts,
    from stretched
    left join calendar_days on stretched.calendar = calendar_days.calendar and stretched.end_so_far = calendar_days.day
),

totals as (
    select
        unit_no,
        period,
        reading,
        any_value(calendar) as calendar,
        any_value(response_unit) as response_unit,
        any_value(roll) as roll,
        any_value(unstretched_date) as unstretched_date,
        any_value(base_workday_number) as base_workday_number,
        coalesce(sum(days_given_back) filter (where counts), 0) as paused_days,
        max(not_before) filter (where counts and days_given_back > 0) as not_before,
        coalesce(bool_or(is_open) filter (where counts), false) as stands_still,
        coalesce(bool_or(is_beyond_calendar) filter (where counts), false) as is_beyond_calendar,
        max(coalesce(answered_date, date '9999-12-31')) filter (where counts) as counted_until,
        list(
            struct_pack(kinds := kinds, asked := asked_date, answered := answered_date, days := cast(days_given_back as integer))
            order by asked_date, is_open
        ) filter (where counts) as pauses,
    from judged
    group by unit_no, period, reading
),

ended as (
    select
        totals.*,
        case
            when totals.is_beyond_calendar then null
            when totals.response_unit = 'business_day' then worked.day
            else totals.unstretched_date + cast(totals.paused_days as integer)
        end as stretched_date,
        case when stretched_date is not null then greatest(stretched_date, totals.not_before) end as end_date,
    from totals
    left join working_days as worked
        on
            case totals.response_unit when 'business_day' then totals.calendar end = worked.calendar
            and totals.base_workday_number + totals.paused_days = worked.workday_number
)

select
    ended.unit_no,
    ended.period,
    ended.reading,
    cast(ended.paused_days as integer) as paused_days,
    ended.stands_still,
    ended.counted_until,
    ended.pauses,
    case when not ended.stands_still then ended.end_date end as unrolled_due_date,
    case when not ended.stands_still then {{ rolled('ended.end_date', 'ended.roll', 'calendar_days') }} end as due_date,
from ended
left join calendar_days on ended.calendar = calendar_days.calendar and ended.end_date = calendar_days.day
