-- What each wait did to the clock: one row per right of a request that waited for somebody. A wait moved the start, paused
-- the period in force, or had no effect because the law knows no such pause or because it was asked too late.
{{ config(materialized='table') }}

with
in_force as (
    select paused.unit_no, paused.counted_until
    from {{ ref('int_requests__paused') }} as paused
    left join {{ ref('int_requests__extended') }} as extended using (unit_no)
    where
        paused.reading = 'main'
        and paused.period = case when extended.extension_status = 'valid' then 'extended' else 'unextended' end
),

judged as (
    select
        waits.*,
        timelines.closed,
        case
            when waits.kind <> 'clarification' and waits.asked <= started.last_ask_that_counts then 'moves_start'
            when
                case waits.kind
                    when 'identity' then rules.pause_identity
                    when 'clarification' then rules.pause_clarification
                end <> 'none' and rules.has_period
                then case
                    when started.is_outstanding then 'waits_for_start'
                    when waits.asked_date <= in_force.counted_until then 'pauses'
                    else 'too_late'
                end
            when waits.kind <> 'clarification' and rules.start_rule <> 'receipt' and rules.has_period then 'too_late'
            else 'not_permitted'
        end as effect,
    from {{ ref('int_requests__waits') }} as waits
    inner join {{ ref('int_requests__units') }} as units using (unit_no)
    inner join {{ ref('int_requests__timeline') }} as timelines using (unit_no)
    left join {{ ref('int_requests__rules') }} as rules using (rule_no)
    left join {{ ref('int_requests__started') }} as started using (unit_no)
    left join in_force using (unit_no)
),

told as (
    select
        unit_no,
        list(struct_pack(kind := kind, asked := asked_date, answered := answered_date, effect := effect) order by asked, kind)
            as questions,
        coalesce(bool_or(
            effect in ('moves_start', 'pauses') and asked < closed and (answered is null or closed < answered)
        ), false) as closed_while_waiting,
        min(asked_date + 1) filter (where effect in ('too_late', 'not_permitted') and answered_date is null) as unpermitted_since,
    from judged
    group by unit_no
),

-- The days of the waits without effect, each day once.
unpermitted as (
    select *
    from judged
    where effect in ('too_late', 'not_permitted') and answered_date > asked_date
),

stretches as (
    {{ merged_waits('unpermitted') }}
),

spans as (
    select unit_no, min(asked_date) + 1 as first_day, max(answered_date) as last_day
    from stretches
    group by unit_no, stretch
),

spans_by_unit as (
    select unit_no, list(struct_pack(first_day := first_day, last_day := last_day) order by first_day) as unpermitted_spans
    from spans
    group by unit_no
)

select
    told.unit_no,
    told.questions,
    told.closed_while_waiting,
    spans_by_unit.unpermitted_spans,
    told.unpermitted_since,
from told
left join spans_by_unit using (unit_no)
