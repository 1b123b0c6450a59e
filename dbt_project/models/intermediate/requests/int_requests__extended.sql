-- The effect of a notice of extension: one row per right of a request for which one was sent. It is compared with the last day
-- of the unextended period, with its pause days and its weekend or holiday adjustment.
with
rules as (select * from {{ ref('int_requests__rules') }}),

unextended_periods as (
    select unit_no, due_date, stands_still
    from {{ ref('int_requests__paused') }}
    where period = 'unextended' and reading = 'main'
),

notices as (
    select
        units.unit_no,
        units.rule_no,
        units.calendar,
        coalesce(started.is_outstanding, false) as start_is_outstanding,
        coalesce(started.start_date, units.received_date) as start_date,
        {{ moment_date('timelines.notice', 'units.time_zone') }} as notice_date,
        {{ moment_reason('timelines.notice') }} as extension_reason,
    from {{ ref('int_requests__timeline') }} as timelines
    inner join {{ ref('int_requests__units') }} as units using (unit_no)
    left join {{ ref('int_requests__started') }} as started using (unit_no)
    where timelines.has_notice
),

dated_notices as (
    select
        notices.*,
        rules.extension_n is not null and rules.has_period as is_permitted,
        notices.start_is_outstanding or coalesce(unextended_periods.stands_still, false) as has_no_last_day,
        case
            when rules.extension_notice = 'within_days' then notices.start_date + cast(rules.extension_notice_n as integer)
            when unextended_periods.unit_no is not null then unextended_periods.due_date
            else periods.due_date
        end as last_day,
    from notices
    left join rules using (rule_no)
    left join unextended_periods using (unit_no)
    left join {{ ref('int_requests__periods') }} as periods
        on
            notices.rule_no = periods.rule_no
            and notices.calendar is not distinct from periods.calendar
            and notices.start_date = periods.day
)

select
    unit_no,
    notice_date,
    extension_reason,
    case when not has_no_last_day and is_permitted then last_day end as last_day_for_notice,
    case
        when notice_date is null then 'revoked'
        when not coalesce(is_permitted, false) then 'not_permitted'
        when has_no_last_day or notice_date <= last_day then 'valid'
        else 'late'
    end as extension_status,
from dated_notices
