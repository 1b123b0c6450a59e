-- The derivation of each deadline, step by step, in sentences, for a person who questions a due date. A million requests share
-- a few ten thousand sentences, so each sentence is composed once and joined. The trace of a request that was answered or left
-- does not depend on as_of. Incremental by request: recomputes changed requests and those without an answer.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_requests__changed_traces': ['request_key']}, 'compression': 'zstd'},
) }}

with
requests as (
    select
        *,
        status = 'no_deadline' as has_no_deadline,
        case when answer_recorded_late then cast(timezone(time_zone, answer_recorded_at) as date) end as late_record_date,
        case no_rule_reason
            when 'no_regime' then 'the pack names no law for ' || {{ json_text('jurisdiction') }}
            when 'no_rule_in_force'
                then {{ json_text('regime_code') }} || ' has none for ' || right_type || ' on ' || {{ date_in_words('received_date') }}
            when 'no_calendar' then 'the pack has no holiday calendar for ' || {{ json_text('jurisdiction') }}
            when 'beyond_calendar' then 'a date lies beyond the years of the calendar ' || calendar
        end as no_rule_text,
        case
            when closed_date is null and exclusion_reason is null
                then cast(timezone(time_zone, (select as_of from {{ source('run', 'run_instants') }})) as date)
        end as as_of_date,
    from {{ ref('fct_requests') }}
    {{ only_changed('int_requests__changed_traces', ['request_key']) }}
),

deadlines as (
    select *
    from {{ ref('int_requests__deadlines') }}
    semi join requests using (request_key)
    where questions is not null or extension_status <> 'none'
),

rules as (
    select
        rule_id,
        start_rule,
        response_unit,
        conservative,
        is_declared,
        valid_from,
        coalesce(nullif(pause_clarification, 'none'), pause_identity) as counting,
        {{ json_text('rule_id') }} as rule_text,
        {{ json_text("coalesce(nullif(citation, ''), 'no citation in the pack')") }} as citation_text,
        case roll
            when 'weekend_or_holiday' then 'may not end on a Saturday, Sunday or holiday'
            when 'sunday_or_holiday' then 'may not end on a Sunday or holiday'
            when 'holiday' then 'may not end on a holiday'
        end as roll_text,
        {{ period_in_words('response_n', 'response_unit') }} as response_text,
        {{ period_in_words('response_n + extension_n', 'response_unit') }} as extended_text,
    from {{ ref('int_requests__rules') }}
),

adjustment_days as (
    {{ adjustment_days('requests') }}
),

beginnings as (
    select distinct rule_id, no_rule_text, time_zone, received_date, start_date, base_due_date, calendar
    from requests
),

skipped_steps as (
    {{ skipped_steps('beginnings') }}
),

beginning_steps as (
    select
        beginnings.*,
        case
            when beginnings.no_rule_text is null then {{ json_step(
                'rule', 'rules.valid_from',
                "'Rule ' || rules.rule_text || ' governs what was received on ' || " ~ date_in_words('beginnings.received_date') ~ " || '.'",
                'rules.citation_text',
                json_extra('rule_id', 'rules.rule_text'),
            ) }}
            else {{ json_step('rule', 'null', "'No rule: ' || beginnings.no_rule_text || '.'", "'a finding, not a guess'") }}
        end
        || ',' || {{ json_step(
            'received', 'beginnings.received_date',
            "'Received on ' || " ~ date_in_words('beginnings.received_date') ~ " || '.'",
            "'local date in ' || beginnings.time_zone",
        ) }} as received_steps,
        case
            when beginnings.base_due_date is not null then {{ json_step(
                'start', 'beginnings.start_date',
                "'The period begins on ' || " ~ date_in_words('beginnings.start_date') ~ " || '.'",
                "if(rules.start_rule = 'receipt', 'receipt', 'the latest of receipt, proof of identity and fee')",
            ) }}
        end as start_step,
        case
            when beginnings.base_due_date is not null then {{ json_step(
                'base_due', 'beginnings.base_due_date',
                "rules.response_text || ' after ' || " ~ date_in_words('beginnings.start_date') ~ " || ': ' || "
                ~ date_in_words('beginnings.base_due_date') ~ " || '.'",
                "case when rules.response_unit <> 'month' then 'counted from the start'"
                ~ " when day(beginnings.base_due_date) = day(beginnings.start_date) then 'same day, no clamp'"
                ~ " else 'clamped to the end of the month' end",
            ) }} || coalesce(',' || skipped_steps.skipped_step, '')
        end as base_step,
    from beginnings
    left join rules on beginnings.rule_id = rules.rule_id
    left join skipped_steps
        on
            beginnings.rule_id = skipped_steps.rule_id
            and beginnings.calendar = skipped_steps.calendar
            and beginnings.start_date = skipped_steps.start_date
            and beginnings.base_due_date = skipped_steps.base_due_date
),

endings as (
    select distinct
        rule_id, has_no_deadline, calendar, unrolled_due_date, due_date, conservative_due_date, due_at, if(due_at is null, null, time_zone) as time_zone,
        due_date_if_resumed, if(due_date_if_resumed is null, null, as_of_date) as resumed_on,
    from requests
),

ending_steps as (
    select
        endings.*,
        case
            when endings.due_date is null or rules.roll_text is null or rules.is_declared then ''
            else {{ json_step(
                'roll', 'endings.due_date',
                "if(endings.due_date > endings.unrolled_due_date, 'Moved from ' || " ~ date_in_words('endings.unrolled_due_date')
                ~ " || ' to ' || strftime(endings.due_date, '%A ') || " ~ date_in_words('endings.due_date')
                ~ " || ', past ' || adjustment_days.days_text || '.', "
                ~ date_in_words('endings.due_date') ~ " || ' is a ' || strftime(endings.due_date, '%A') || ': not moved.')",
                "rules.roll_text || ' (calendar ' || endings.calendar || ')'",
            ) }} || ','
        end
        || case
            when endings.due_date is not null then {{ json_step(
                'due', 'endings.due_date',
                "'Due on ' || " ~ date_in_words('endings.due_date')
                ~ " || coalesce(strftime(timezone(endings.time_zone, endings.due_at), ' at %H:%M'), '') || '.' || if(endings.conservative_due_date <> endings.due_date,"
                ~ " ' Strict interpretation: ' || " ~ date_in_words('endings.conservative_due_date') ~ " || '.', '')",
                "case when rules.is_declared then 'declared by the source' when rules.conservative is null then 'no strict interpretation'"
                ~ " else 'strict interpretation: ' || replace(rules.conservative, '_', ' ') end",
            ) }}
            when endings.rule_id is null then {{ json_step('due', 'null', "'No due date.'", "'no rule'") }}
            when endings.has_no_deadline and rules.is_declared
                then {{ json_step('due', 'null', "'No due date: the source states none.'", "'it can not be assessed'") }}
            when endings.has_no_deadline then {{ json_step('due', 'null', "'No due date: no period is set.'", 'rules.citation_text') }}
            else {{ json_step(
                'due', 'null',
                "'No due date while an answer is outstanding.' || coalesce(' Strict interpretation: ' || "
                ~ date_in_words('endings.conservative_due_date') ~ " || '.', '') || coalesce(' If every open question were answered on ' || "
                ~ date_in_words('endings.resumed_on') ~ " || ': ' || " ~ date_in_words('endings.due_date_if_resumed') ~ " || '.', '')",
                "'the deadline is paused'",
            ) }}
        end as due_steps,
    from endings
    left join rules on endings.rule_id = rules.rule_id
    left join adjustment_days
        on
            endings.calendar = adjustment_days.calendar
            and endings.unrolled_due_date = adjustment_days.unrolled_due_date
            and endings.due_date = adjustment_days.due_date
),

states as (
    select distinct
        status, strict_status, exclusion_reason, left_date, closed_date, outcome, as_of_date, days_overdue, closed_while_paused, due_soon, late_record_date,
    from requests
),

state_steps as (
    select
        *,
        {{ json_step(
            'state', 'if(exclusion_reason is not null, left_date, coalesce(closed_date, as_of_date))',
            "case when status = 'excluded' then 'Left the population on ' || " ~ date_in_words('left_date')
            ~ " when closed_date is not null then 'Closed on ' || " ~ date_in_words('closed_date')
            ~ " || case when closed_while_paused then ', while paused' when status = 'closed_on_time' then ', in time'"
            ~ " when status = 'closed_late' then ', ' || if(days_overdue = 0, 'less than a day', " ~ days_in_words('days_overdue') ~ ") || ' late' else '' end"
            ~ " || coalesce('; recorded on ' || " ~ date_in_words('late_record_date') ~ ", '')"
            ~ " else 'Open on ' || " ~ date_in_words('as_of_date')
            ~ " || case status when 'open_overdue' then ', ' || if(days_overdue = 0, 'less than a day', " ~ days_in_words('days_overdue') ~ ") || ' overdue'"
            ~ " when 'open_in_time' then if(due_soon, ', due soon', ', in time')"
            ~ " when 'paused' then ', paused' else '' end end || '.'",
            "coalesce(replace(exclusion_reason, '_', ' '), replace(status, '_', ' ')"
            ~ " || if(strict_status <> status, '; by the strict interpretation ' || replace(strict_status, '_', ' '), ''))",
            json_extra('status', 'status') ~ " || " ~ json_extra('closed_by', 'outcome'),
        ) }} as state_step,
    from states
),

-- Steps that only some requests have: questions and notices.
question_steps as (
    select
        deadlines.request_key,
        case
            when deadlines.start_date is not null or deadlines.start_is_outstanding
                then array_to_string(list_transform(
                    nullif(list_filter(deadlines.questions, lambda wait: wait.effect = 'moves_start'), []),
                    lambda wait: {{ wait_in_words('wait.kind', 'wait.asked', 'wait.answered') }}
                ), '; ')
        end as start_questions,
        case
            when start_questions is not null then {{ json_step(
                'start', 'deadlines.start_date',
                "coalesce('The period begins on ' || " ~ date_in_words('deadlines.start_date')
                ~ ", 'The period has not begun') || '. ' || start_questions || '.'",
                "'the latest of receipt, proof of identity and fee'",
            ) }}
        end as start_step,
        array_to_string(nullif(list_concat(
            list_transform(
                if(deadlines.no_rule_reason is null, deadlines.pauses, []),
                lambda pause: {{ json_step(
                    'pause', 'pause.asked',
                    wait_in_words('pause.kinds', 'pause.asked', 'pause.answered')
                    ~ " || if(pause.answered is null, ': the deadline is paused.', ', pause days added: ' || "
                    ~ days_in_words('pause.days') ~ " || '.')",
                    "if(rules.counting = 'inclusive', 'neither the day asked nor the day answered counts',"
                    ~ " 'the days after the day asked do not count')",
                    json_extra('verdict', "'permitted'") ~ " || " ~ json_extra('asked', 'pause.asked') ~ " || "
                    ~ json_extra('answered', 'pause.answered') ~ " || ',\"days\":' || pause.days",
                ) }}
            ),
            list_transform(
                list_filter(deadlines.questions, lambda wait: wait.effect in ('too_late', 'not_permitted')),
                lambda wait: {{ json_step(
                    'pause', 'wait.asked',
                    wait_in_words('wait.kind', 'wait.asked', 'wait.answered') ~ " || ': no effect.'",
                    "if(wait.effect = 'too_late', 'asked after the last day of the period', 'the rule permits no such pause')",
                    json_extra('verdict', 'wait.effect') ~ " || " ~ json_extra('asked', 'wait.asked') ~ " || "
                    ~ json_extra('answered', 'wait.answered'),
                ) }}
            )
        ), []), ',') as pause_steps,
        case
            when deadlines.extension_status = 'revoked' then {{ json_step(
                'extension', 'null',
                "'The extension was revoked: the period runs as if it had never been notified.'",
                "'revoked'",
                json_extra('verdict', "'revoked'"),
            ) }}
            when deadlines.extension_status <> 'none' then {{ json_step(
                'extension', 'deadlines.notice_date',
                "'Notice of ' || " ~ date_in_words('deadlines.notice_date') ~ " || coalesce(' (' || replace(deadlines.extension_reason, '_', ' ') || ')', '')"
                ~ " || case deadlines.extension_status when 'not_permitted' then '' else coalesce(', last day was ' || "
                ~ date_in_words('deadlines.last_day_for_notice') ~ ", ', sent while paused') end"
                ~ " || if(deadlines.extension_status = 'valid', ': ' || rules.extended_text || ' from the same start.', ': no effect.')",
                "case deadlines.extension_status when 'valid' then 'in time' when 'late' then 'late'"
                ~ " else 'the rule permits no extension' end",
                json_extra('verdict', 'deadlines.extension_status'),
            ) }}
        end as extension_step,
    from deadlines
    left join {{ ref('int_requests__rules') }} as numbered on deadlines.rule_no = numbered.rule_no
    left join rules on numbered.rule_id = rules.rule_id
),

-- Conflicting versions of one event, which change nothing.
conflict_traces as (
    select
        conflicts.request_key,
        string_agg({{ json_step(
            'conflict', 'null',
            "'Conflicting versions of one event: ' || array_to_string(list_transform(conflicts.landed_rows, lambda r: "
            ~ event_in_words('cast(r >> 64 as bigint)', 'requests.time_zone') ~ "), '; ') || '.'",
            "'none counts until a higher revision settles it'",
        ) }}, ',' order by conflicts.landed_rows[1], conflicts.event_id) as conflict_steps,
        flatten(list(conflicts.landed_rows)) as landed_rows,
    from {{ ref('int_requests__conflicts') }} as conflicts
    inner join requests using (request_key)
    group by conflicts.request_key
),

-- Events that name no right and are dated before every receipt.
early_events as (
    select
        requests.request_key,
        string_agg({{ json_step(
            'before_receipt', 'null',
            "upper(left(spoken, 1)) || substring(spoken, 2) || ', before the receipt: it names no right and concerns none.'",
            "'an event without a right concerns the rights received by then'",
        ) }}, ',' order by early.occurred_at, early.event_id) as early_steps,
        list({{ landed_row('early.moment', 'early.batch_id', 'early.row_number') }}) as landed_rows,
    from (
        select *, {{ moment('occurred_at', 'event_type', 'reason_code') }} as moment
        from {{ ref('int_findings__requests_orphans') }}
        where finding_code = 'event_before_receipt'
    ) as early
    inner join requests using (namespace, request_id)
    cross join lateral (select {{ event_in_words('early.moment', 'requests.time_zone') }} as spoken)
    group by requests.request_key
),

-- The landed rows of the requests that this build computed.
landed as (
    select units.request_key, timelines.landed_rows
    from {{ ref('int_requests__timeline') }} as timelines
    inner join {{ ref('int_requests__units') }} as units using (unit_no)
),

provenances as (
    {{ provenances('landed', 'conflict_traces', 'early_events') }}
)

select
    requests.request_key,
    '[' || concat_ws(
        ',',
        beginning_steps.received_steps,
        early_events.early_steps,
        coalesce(question_steps.start_step, beginning_steps.start_step),
        beginning_steps.base_step,
        question_steps.pause_steps,
        question_steps.extension_step,
        ending_steps.due_steps,
        conflict_traces.conflict_steps,
        state_steps.state_step
    ) || ']' as trace,
    case
        when landed.request_key is not null
            then coalesce(provenances.provenance, [])
        {%- if is_incremental() %}
        else previous.provenance
        {%- endif %}
    end as provenance,
from requests
inner join beginning_steps
    on
        requests.rule_id is not distinct from beginning_steps.rule_id
        and requests.no_rule_text is not distinct from beginning_steps.no_rule_text
        and requests.time_zone = beginning_steps.time_zone
        and requests.received_date = beginning_steps.received_date
        and requests.start_date is not distinct from beginning_steps.start_date
        and requests.base_due_date is not distinct from beginning_steps.base_due_date
        and requests.calendar is not distinct from beginning_steps.calendar
inner join ending_steps
    on
        requests.rule_id is not distinct from ending_steps.rule_id
        and requests.has_no_deadline = ending_steps.has_no_deadline
        and requests.calendar is not distinct from ending_steps.calendar
        and requests.unrolled_due_date is not distinct from ending_steps.unrolled_due_date
        and requests.due_date is not distinct from ending_steps.due_date
        and requests.conservative_due_date is not distinct from ending_steps.conservative_due_date
        and requests.due_at is not distinct from ending_steps.due_at
        and (requests.due_at is null or requests.time_zone = ending_steps.time_zone)
        and requests.due_date_if_resumed is not distinct from ending_steps.due_date_if_resumed
        and (requests.due_date_if_resumed is null or requests.as_of_date = ending_steps.resumed_on)
inner join state_steps
    on
        requests.status = state_steps.status
        and requests.strict_status = state_steps.strict_status
        and requests.exclusion_reason is not distinct from state_steps.exclusion_reason
        and requests.left_date is not distinct from state_steps.left_date
        and requests.closed_date is not distinct from state_steps.closed_date
        and requests.outcome is not distinct from state_steps.outcome
        and requests.as_of_date is not distinct from state_steps.as_of_date
        and requests.days_overdue is not distinct from state_steps.days_overdue
        and requests.closed_while_paused = state_steps.closed_while_paused
        and requests.due_soon = state_steps.due_soon
        and requests.late_record_date is not distinct from state_steps.late_record_date
left join question_steps on requests.request_key = question_steps.request_key
left join conflict_traces on requests.request_key = conflict_traces.request_key
left join early_events on requests.request_key = early_events.request_key
left join landed on requests.request_key = landed.request_key
left join provenances on requests.request_key = provenances.request_key
{%- if is_incremental() %}
left join {{ this }} as previous on requests.request_key = previous.request_key
{%- endif %}
