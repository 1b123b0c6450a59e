-- The effect of permitted waits on a period: one row per right of a request that has one, period (unextended, extended) and
-- reading (main, strict). The waits of a unit are merged by day and put in order; each counts if it and all before it were
-- asked while the period, with the pause days added so far, was running.
with
calendar_days as (select * from {{ ref('int_calendar__days') }}),

working_days as (select * from calendar_days where is_working_day),

rules as (select * from {{ ref('int_requests__rules') }} where has_period),

running_periods as (
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
    select *, 'unextended' as period, base_due_date as date_without_pauses from running_periods
    union all
    select *, 'extended' as period, extended_base_date as date_without_pauses from running_periods
    where extended_base_date is not null
),

readings as (
    select unit_no, period, 'main' as reading, date_without_pauses, start_date, calendar, response_unit, roll, false as counts_day_asked
    from runs
    union all
    select
        unit_no,
        period,
        'strict' as reading,
        date_without_pauses,
        start_date,
        calendar,
        response_unit,
        case when conservative like 'no_roll%' then 'none' else roll end as roll,
        conservative = 'exclusive_pause' as counts_day_asked,
    from runs
    where conservative in ('exclusive_pause', 'no_roll', 'no_roll_minus_one_day')
),

permitted_waits as (
    select
        waits.*,
        case waits.kind when 'identity' then running_periods.pause_identity else running_periods.pause_clarification end = 'inclusive' as is_inclusive,
    from {{ ref('int_requests__waits') }} as waits
    inner join running_periods using (unit_no)
    where
        (waits.kind = 'identity' and running_periods.pause_identity <> 'none')
        or (waits.kind = 'clarification' and running_periods.pause_clarification <> 'none')
),

answered_waits as (select * from permitted_waits where answered_date is not null),

grouped_waits as (
    {{ merged_waits('answered_waits') }}
),

merged_waits as (
    select
        unit_no,
        string_agg(distinct kind, ' and ' order by kind) as kinds,
        min(asked_date) as asked_date,
        max(answered_date) as answered_date,
        min(asked_date + cast(not is_inclusive as integer)) as first_day,
        max(answered_date + cast(is_inclusive as integer)) as not_before,
    from grouped_waits
    group by unit_no, wait_no
    union all
    select
        unit_no,
        arg_min(kind, asked) as kinds,
        min(asked_date) as asked_date,
        null as answered_date,
        null as first_day,
        null as not_before,
    from permitted_waits
    where answered_date is null
    group by unit_no
),

-- The pause days after the start; the working days among them for a period in business days.
pause_candidates as (
    select
        readings.*,
        merged_waits.kinds,
        merged_waits.asked_date,
        merged_waits.answered_date,
        case when readings.counts_day_asked then merged_waits.answered_date else merged_waits.not_before end as not_before,
        greatest(
            case when readings.counts_day_asked then merged_waits.asked_date + 1 else merged_waits.first_day end,
            readings.start_date + 1
        ) as first_day,
        merged_waits.answered_date is null as is_open,
    from merged_waits
    inner join readings using (unit_no)
),

-- As in int_requests__periods, working days are asked for as part of an equality.
pauses_with_days as (
    select
        pause_candidates.*,
        case
            when pause_candidates.is_open then 0
            when pause_candidates.response_unit = 'business_day'
                then greatest(0, coalesce(last_day.workday_number - before.workday_number, 0))
            else greatest(0, pause_candidates.answered_date - pause_candidates.first_day + 1)
        end as days_given_back,
        pause_candidates.response_unit = 'business_day'
            and not pause_candidates.is_open
            and (last_day.workday_number is null or before.workday_number is null) as is_beyond_calendar,
        base.workday_number as base_workday_number,
    from pause_candidates
    left join calendar_days as before
        on
            case pause_candidates.response_unit when 'business_day' then pause_candidates.calendar end = before.calendar
            and pause_candidates.first_day - 1 = before.day
    left join calendar_days as last_day
        on
            case pause_candidates.response_unit when 'business_day' then pause_candidates.calendar end = last_day.calendar
            and pause_candidates.answered_date = last_day.day
    left join calendar_days as base
        on
            case pause_candidates.response_unit when 'business_day' then pause_candidates.calendar end = base.calendar
            and pause_candidates.date_without_pauses = base.day
),

pauses_so_far as (
    select
        *,
        coalesce(sum(days_given_back) over earlier, 0) as days_before,
        max(not_before) filter (where days_given_back > 0) over earlier as not_before_so_far,
        coalesce(bool_or(is_open) over earlier, false) as stands_still_before,
        -- Asked on the day of the last answer: still the same wait.
        coalesce(asked_date <= max(answered_date) over earlier, false) as goes_on,
    from pauses_with_days
    window earlier as (
        partition by unit_no, period, reading
        order by asked_date, is_open
        rows between unbounded preceding and 1 preceding
    )
),

pauses_with_end as (
    select
        pauses_so_far.*,
        case
            when pauses_so_far.response_unit = 'business_day' then worked.day
            else pauses_so_far.date_without_pauses + cast(pauses_so_far.days_before as integer)
        end as date_so_far,
        case when date_so_far is not null then greatest(date_so_far, pauses_so_far.not_before_so_far) end as end_so_far,
    from pauses_so_far
    left join working_days as worked
        on
            case pauses_so_far.response_unit when 'business_day' then pauses_so_far.calendar end = worked.calendar
            and pauses_so_far.base_workday_number + pauses_so_far.days_before = worked.workday_number
),

evaluated_pauses as (
    select
        pauses_with_end.*,
        bool_and(
            pauses_with_end.stands_still_before
            or pauses_with_end.goes_on
            or coalesce(pauses_with_end.asked_date <= {{ rolled('pauses_with_end.end_so_far', 'pauses_with_end.roll', 'calendar_days') }}, false)
        ) over (
            partition by pauses_with_end.unit_no, pauses_with_end.period, pauses_with_end.reading
            order by pauses_with_end.asked_date, pauses_with_end.is_open
            rows between unbounded preceding and current row
        ) as counts,
    from pauses_with_end
    left join calendar_days on pauses_with_end.calendar = calendar_days.calendar and pauses_with_end.end_so_far = calendar_days.day
),

totals as (
    select
        unit_no,
        period,
        reading,
        any_value(calendar) as calendar,
        any_value(response_unit) as response_unit,
        any_value(roll) as roll,
        any_value(date_without_pauses) as date_without_pauses,
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
    from evaluated_pauses
    group by unit_no, period, reading
),

paused_periods as (
    select
        totals.*,
        case
            when totals.is_beyond_calendar then null
            when totals.response_unit = 'business_day' then worked.day
            else totals.date_without_pauses + cast(totals.paused_days as integer)
        end as date_with_pauses,
        case when date_with_pauses is not null then greatest(date_with_pauses, totals.not_before) end as end_date,
    from totals
    left join working_days as worked
        on
            case totals.response_unit when 'business_day' then totals.calendar end = worked.calendar
            and totals.base_workday_number + totals.paused_days = worked.workday_number
)

select
    paused_periods.unit_no,
    paused_periods.period,
    paused_periods.reading,
    cast(paused_periods.paused_days as integer) as paused_days,
    paused_periods.stands_still,
    paused_periods.counted_until,
    paused_periods.pauses,
    case when not paused_periods.stands_still then paused_periods.end_date end as unrolled_due_date,
    case when not paused_periods.stands_still then {{ rolled('paused_periods.end_date', 'paused_periods.roll', 'calendar_days') }} end as due_date,
from paused_periods
left join calendar_days on paused_periods.calendar = calendar_days.calendar and paused_periods.end_date = calendar_days.day
