-- How each deadline came about, step by step, in sentences: the page that a person reads who doubts a due date.
with
requests as (select * from {{ ref('fct_requests') }}),

deadlines as (select * from {{ ref('int_requests__deadlines') }}),

rules as (
    select
        *,
        {{ json_text('rule_id') }} as rule_text,
        {{ json_text("coalesce(citation, 'no citation in the pack')") }} as citation_text,
        case roll
            when 'weekend_or_holiday' then 'a Saturday, Sunday or holiday'
            when 'sunday_or_holiday' then 'a Sunday or holiday'
            when 'holiday' then 'a holiday'
        end as roll_text,
        {{ spoken_period('response_n', 'response_unit') }} as response_text,
        {{ spoken_period('response_n + extension_n', 'response_unit') }} as extended_text,
    from {{ ref('int_requests__rules') }}
),

moved as (
    select distinct calendar, unrolled_due_date, due_date
    from deadlines
    where unrolled_due_date < due_date and not has_no_deadline
),

closed_days as (
    select calendar, due_date, unrolled_due_date, cast(unnest(range(unrolled_due_date, due_date, interval 1 day)) as date) as day
    from moved
),

-- The days that the roll passed over, with the names of the holidays.
passed_over as (
    select
        closed_days.calendar,
        closed_days.unrolled_due_date,
        closed_days.due_date,
        string_agg(
            strftime(closed_days.day, '%A') || ' ' || {{ spoken_date('closed_days.day') }}
            || coalesce(' (' || {{ json_text('calendar_days.holiday_name') }} || ')', ''),
            ', ' order by closed_days.day
        ) as days_text,
    from closed_days
    inner join {{ ref('int_calendar__days') }} as calendar_days
        on closed_days.calendar = calendar_days.calendar and closed_days.day = calendar_days.day
    group by closed_days.calendar, closed_days.unrolled_due_date, closed_days.due_date
),

facts as (
    select
        requests.request_key,
        requests.status,
        requests.strict_status,
        requests.days_overdue,
        requests.closed_while_paused,
        requests.due_soon,
        cast(timezone(deadlines.time_zone, instants.as_of) as date) as as_of_date,
        deadlines.* exclude (request_key),
        rules.* exclude (rule_no, regime_code, right_type, calendar),
        passed_over.days_text,
    from deadlines
    inner join requests using (request_key)
    cross join {{ source('run', 'run_instants') }} as instants
    left join rules using (rule_no)
    left join passed_over
        on
            deadlines.calendar = passed_over.calendar
            and deadlines.unrolled_due_date = passed_over.unrolled_due_date
            and deadlines.due_date = passed_over.due_date
),

spoken as (
    select
        request_key,
        case
            when no_rule_reason is null then {{ json_step(
                'rule', 'valid_from',
                "'Rule ' || rule_text || ' governs what was received on ' || " ~ spoken_date('received_date') ~ " || '.'",
                'citation_text',
            ) }}
            else {{ json_step(
                'rule', 'null',
                "'No rule: ' || case no_rule_reason"
                ~ " when 'no_regime' then 'the pack names no law for the place ' || " ~ json_text('jurisdiction')
                ~ " when 'no_rule_in_force' then " ~ json_text('regime_code') ~ " || ' has none for ' || right_type || ' on ' || " ~ spoken_date('received_date')
                ~ " when 'no_calendar' then 'the pack has no holiday calendar for the place ' || " ~ json_text('jurisdiction')
                ~ " else 'a date lies beyond the years of the calendar ' || calendar end || '.'",
                "'a finding, not a guess'",
            ) }}
        end as rule_step,
        {{ json_step(
            'received', 'received_date',
            "'Received on ' || " ~ spoken_date('received_date') ~ " || '.'",
            "'the local date in ' || time_zone || ', working day or not'",
        ) }} as received_step,
        case
            when no_rule_reason is not null or has_no_deadline or is_declared then null
            when start_is_outstanding then {{ json_step(
                'start', 'null',
                "'The clock has not begun: ' || " ~ spoken_start_questions() ~ " || '.'",
                "'the latest of receipt, proof of identity and fee'",
            ) }}
            else {{ json_step(
                'start', 'start_date',
                "'The clock begins on ' || " ~ spoken_date('start_date')
                ~ " || coalesce(': ' || " ~ spoken_start_questions() ~ ", '') || '.'",
                "if(start_rule = 'receipt', 'receipt', 'the latest of receipt, proof of identity and fee, as far as asked for in time')",
            ) }}
        end as start_step,
        case
            when base_due_date is not null then {{ json_step(
                'base_due', 'base_due_date',
                "response_text || ' after ' || " ~ spoken_date('start_date') ~ " || ': ' || " ~ spoken_date('base_due_date') ~ " || '.'",
                "if(response_unit = 'month' and day(base_due_date) <> day(start_date), 'clamped to the end of the month', 'counted from the start')",
            ) }}
        end as base_step,
        list_transform(pauses, lambda pause: {{ json_step(
            'pause', 'pause.asked',
            spoken_wait('pause.kinds', 'pause.asked', 'pause.answered')
            ~ " || ': ' || if(pause.answered is null, 'the clock stands still', " ~ spoken_days('pause.days') ~ " || ' given back') || '.'",
            "'permitted; ' || if(coalesce(pause_clarification, pause_identity) = 'inclusive',"
            ~ " 'neither the day asked nor the day answered counts', 'the days after the day asked do not count')",
        ) }}) as pause_steps,
        list_transform(
            list_filter(questions, lambda wait: wait.effect in ('too_late', 'not_permitted')),
            lambda wait: {{ json_step(
                'pause', 'wait.asked',
                spoken_wait('wait.kind', 'wait.asked', 'wait.answered') ~ " || ': no effect.'",
                "if(wait.effect = 'too_late', 'asked after the last day of the period', 'the rule permits no such pause')",
            ) }}
        ) as idle_steps,
        case
            when extension_status = 'valid' then {{ json_step(
                'extension', 'notice_date',
                "'Notice of ' || " ~ spoken_date('notice_date') ~ " || ' in time' || coalesce(' (last day ' || "
                ~ spoken_date('last_day_for_notice') ~ " || ')', '') || coalesce(': ' || extended_text || ' after ' || " ~ spoken_date('start_date') ~ ", '') || '.'",
                "'counted from the same start'",
            ) }}
            when extension_status = 'late' then {{ json_step(
                'extension', 'notice_date',
                "'Notice of ' || " ~ spoken_date('notice_date') ~ " || ', last day was ' || " ~ spoken_date('last_day_for_notice') ~ " || ': no effect.'",
                "'late'",
            ) }}
            when extension_status = 'not_permitted' then {{ json_step(
                'extension', 'notice_date',
                "'Notice of ' || " ~ spoken_date('notice_date') ~ " || ': no effect.'",
                "'the rule permits no extension'",
            ) }}
            when extension_status = 'revoked' then {{ json_step(
                'extension', 'null',
                "'The extension was revoked: the period runs as if it had never been notified.'",
                "'revoked'",
            ) }}
        end as extension_step,
        case
            when due_date is null or roll_text is null or is_declared then null
            when due_date > unrolled_due_date then {{ json_step(
                'roll', 'due_date',
                "'Moved from ' || " ~ spoken_date('unrolled_due_date') ~ " || ' to ' || strftime(due_date, '%A') || ' ' || "
                ~ spoken_date('due_date') ~ " || ', past ' || days_text || '.'",
                "'may not end on ' || roll_text || ' (calendar ' || calendar || ')'",
            ) }}
            else {{ json_step(
                'roll', 'due_date',
                spoken_date('unrolled_due_date') ~ " || ' is a ' || strftime(due_date, '%A') || ': not moved.'",
                "'may not end on ' || roll_text || ' (calendar ' || calendar || ')'",
            ) }}
        end as roll_step,
        case
            when due_date is not null then {{ json_step(
                'due', 'due_date',
                "'Due on ' || " ~ spoken_date('due_date') ~ " || '.' || if(conservative_due_date <> due_date, ' Stricter reading: ' || "
                ~ spoken_date('conservative_due_date') ~ " || '.', '')",
                "case when is_declared then 'the due date that the source declares' when conservative is null then 'no stricter reading' else 'stricter reading: ' || replace(conservative, '_', ' ') end",
            ) }}
            when no_rule_reason is not null then {{ json_step('due', 'null', "'No due date.'", "'no rule'") }}
            when has_no_deadline then {{ json_step('due', 'null', "'No due date: the law sets no period.'", 'citation_text') }}
            else {{ json_step(
                'due', 'null',
                "'No due date while the clock stands still.' || coalesce(' Stricter reading: ' || " ~ spoken_date('conservative_due_date') ~ " || '.', '')",
                "'an answer is outstanding'",
            ) }}
        end as due_step,
        {{ json_step(
            'state', 'coalesce(left_date, closed_date, as_of_date)',
            "case status"
            ~ " when 'excluded' then 'Left the population on ' || " ~ spoken_date('left_date') ~ " || '.'"
            ~ " when 'closed_on_time' then 'Closed on ' || " ~ spoken_date('closed_date') ~ " || if(closed_while_paused, ', while the clock stood still.', ', in time.')"
            ~ " when 'closed_late' then 'Closed on ' || " ~ spoken_date('closed_date') ~ " || ', ' || " ~ spoken_days('days_overdue') ~ " || ' late.'"
            ~ " when 'open_overdue' then 'Open on ' || " ~ spoken_date('as_of_date') ~ " || ': ' || " ~ spoken_days('days_overdue') ~ " || ' overdue.'"
            ~ " when 'open_in_time' then 'Open on ' || " ~ spoken_date('as_of_date') ~ " || ', in time' || if(due_soon, ', due soon.', '.')"
            ~ " when 'paused' then 'Open on ' || " ~ spoken_date('as_of_date') ~ " || ': the clock stands still.'"
            ~ " else coalesce('Closed on ' || " ~ spoken_date('closed_date') ~ ", 'Open on ' || " ~ spoken_date('as_of_date') ~ ") || '.' end",
            "case when status = 'excluded' then replace(exclusion_reason, '_', ' ')"
            ~ " else replace(status, '_', ' ') || if(strict_status <> status, '; by the stricter reading ' || replace(strict_status, '_', ' '), '') end",
        ) }} as state_step,
    from facts
)

select
    request_key,
    '[' || concat_ws(
        ',',
        rule_step,
        received_step,
        start_step,
        base_step,
        nullif(array_to_string(pause_steps, ','), ''),
        nullif(array_to_string(idle_steps, ','), ''),
        extension_step,
        roll_step,
        due_step,
        state_step
    ) || ']' as trace,
from spoken
