-- The effect of each wait on the deadline: one row per right of a request with a wait. A wait moved the start, paused the
-- period in force, or had no effect because the law permits no such pause or the question came too late.
with
periods_in_force as (
    select paused.unit_no, paused.counted_until
    from {{ ref('int_requests__paused') }} as paused
    left join {{ ref('int_requests__extended') }} as extended using (unit_no)
    where
        paused.reading = 'main'
        and paused.period = case when extended.extension_status = 'valid' then 'extended' else 'unextended' end
),

waits_with_effect as (
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
                    when waits.asked_date <= periods_in_force.counted_until then 'pauses'
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
    left join periods_in_force using (unit_no)
),

unit_waits as (
    select
        unit_no,
        list(struct_pack(kind := kind, asked := asked_date, answered := answered_date, effect := effect) order by asked, kind)
            as questions,
        coalesce(bool_or(
            effect in ('moves_start', 'pauses') and asked < closed and (answered is null or closed < answered)
        ), false) as closed_while_waiting,
        min(asked_date + 1) filter (where effect in ('too_late', 'not_permitted') and answered_date is null) as unpermitted_since,
    from waits_with_effect
    group by unit_no
),

-- The days of the waits without effect, each day once.
unpermitted_waits as (
    select *
    from waits_with_effect
    where effect in ('too_late', 'not_permitted') and answered_date > asked_date
),

grouped_waits as (
    {{ merged_waits('unpermitted_waits') }}
),

unpermitted_intervals as (
    select unit_no, min(asked_date) + 1 as first_day, max(answered_date) as last_day
    from grouped_waits
    group by unit_no, wait_no
),

intervals_by_unit as (
    select unit_no, list(struct_pack(first_day := first_day, last_day := last_day) order by first_day) as unpermitted_spans
    from unpermitted_intervals
    group by unit_no
)

select
    unit_waits.unit_no,
    unit_waits.questions,
    unit_waits.closed_while_waiting,
    intervals_by_unit.unpermitted_spans,
    unit_waits.unpermitted_since,
from unit_waits
left join intervals_by_unit using (unit_no)
