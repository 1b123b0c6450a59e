-- The end of each period: one row per rule, calendar and day from which it is counted, for the days that occur. A million
-- requests share a few ten thousand of them.
with
rules as (select * from {{ ref('int_requests__rules') }}),

calendar_days as (select * from {{ ref('int_calendar__days') }}),

working_days as (select * from calendar_days where is_working_day),

units as (select unit_no, rule_no, calendar, received_date from {{ ref('int_requests__units') }} where rule_no is not null),

-- A clock may also begin on the day on which a question was answered.
answer_days as (
    select units.rule_no, units.calendar, waits.answered_date
    from {{ ref('int_requests__waits') }} as waits
    inner join units using (unit_no)
    inner join rules using (rule_no)
    where rules.start_rule <> 'receipt' and waits.kind <> 'clarification' and waits.answered_date is not null
),

days as (
    select rule_no, calendar, received_date as day from units
    union
    select rule_no, calendar, answered_date as day from answer_days
),

-- Whether it is counted in working days is asked as part of an equality: a condition of one side alone, in an outer join, is
-- tried on every pair of rows by the DuckDB of many auditors (1.x).
counted_periods as (
    select
        days.rule_no,
        days.calendar,
        days.day,
        rules.roll,
        rules.ack_roll,
        rules.conservative,
        rules.needs_calendar,
        rules.has_period,
        coalesce(base.day, {{ add_period('days.day', 'rules.response_n', 'rules.response_unit') }}) as base_due_date,
        coalesce(
            extended.day,
            {{ add_period('days.day', 'rules.response_n + rules.extension_n', 'rules.response_unit') }}
        ) as extended_base_date,
        coalesce(ack.day, {{ add_period('days.day', 'rules.ack_n', 'rules.ack_unit') }}) as ack_base_date,
        rules.ack_n is not null as has_ack,
    from days
    inner join rules using (rule_no)
    left join calendar_days as today on days.calendar = today.calendar and days.day = today.day
    left join working_days as base
        on
            case rules.response_unit when 'business_day' then days.calendar end = base.calendar
            and today.workday_number + rules.response_n = base.workday_number
    left join working_days as extended
        on
            case rules.response_unit when 'business_day' then days.calendar end = extended.calendar
            and today.workday_number + rules.response_n + rules.extension_n = extended.workday_number
    left join working_days as ack
        on
            case rules.ack_unit when 'business_day' then days.calendar end = ack.calendar
            and today.workday_number + rules.ack_n = ack.workday_number
),

adjusted_periods as (
    select
        counted_periods.*,
        {{ rolled('counted_periods.base_due_date', 'counted_periods.roll', 'base') }} as due_date,
        {{ rolled('counted_periods.extended_base_date', 'counted_periods.roll', 'extended') }} as extended_due_date,
        {{ rolled('counted_periods.ack_base_date', 'counted_periods.ack_roll', 'ack') }} as ack_due_date,
    from counted_periods
    left join calendar_days as base on counted_periods.calendar = base.calendar and counted_periods.base_due_date = base.day
    left join calendar_days as extended on counted_periods.calendar = extended.calendar and counted_periods.extended_base_date = extended.day
    left join calendar_days as ack on counted_periods.calendar = ack.calendar and counted_periods.ack_base_date = ack.day
)

select
    rule_no,
    calendar,
    day,
    base_due_date,
    due_date,
    extended_base_date,
    extended_due_date,
    ack_due_date,
    case conservative
        when 'no_roll' then base_due_date
        when 'no_roll_minus_one_day' then base_due_date - 1
        else due_date
    end as conservative_due_date,
    case conservative
        when 'no_roll' then extended_base_date
        when 'no_roll_minus_one_day' then extended_base_date - 1
        else extended_due_date
    end as extended_conservative_due_date,
    coalesce(calendar in (select calendars.calendar from {{ source('pack', 'calendars') }} as calendars), false) as has_calendar,
    needs_calendar,
    has_period and due_date is null as period_is_beyond_calendar,
    has_ack and ack_due_date is null as ack_is_beyond_calendar,
from adjusted_periods
