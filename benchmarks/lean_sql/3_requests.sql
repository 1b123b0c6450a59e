-- fct_requests: the state of every (request, right) at as_of.

create temp table states as
with
whole as (
    select
        units.unit, units.zone, units.received_date, timezone(zone, getvariable('as_of'))::date as today,
        units.role, units.regime, clocks.rule_id, clocks.confidence, clocks.citation,
        clocks.calendar, clocks.response_n, clocks.roll, clocks.refusal_extendable,
        clocks.ack_due, paused.unit is not null as was_asked,
        case
            when paused.unit is not null then paused.extension_status
            when not coalesce(has_notice, false) then 'none'
            when standing is null then 'revoked'
            when rule_id is null or extension_notice = 'not_permitted' then 'not_permitted'
            when on_day(standing, zone) <= clocks.due then 'valid'
            else 'late'
        end as extension_status,
        timezone(zone, lives.declared_due_at)::date as declared_due_date,
        if(regime_code = 'DECLARED' and rule_id is not null, timezone(zone, lives.declared_due_at)::date, null) as declared_due,
        if(paused.unit is not null and response_n is not null, paused.start, if(rule_id is null, null, units.received_date)) as start_date,
        if(paused.unit is not null, paused.base, clocks.base) as base_due_date, clocks.due as plain_due,
        clocks.due_extended, clocks.base as plain_base, clocks.base_extended, conservative,
        paused.due as paused_due, paused.conservative_due as paused_conservative, paused.conservative_refusal as paused_refusal,
        coalesce(paused_days, 0) as paused_days, paused.counted, lives.* exclude (unit, declared_due_at)
    from (select * exclude (declared_due_at, regime_code) from units) as units
    inner join clocks using (clock)
    left join lives using (unit)
    left join paused on paused.unit = units.unit
),

due as (
    select
        *,
        case
            when declared_due is not null then declared_due
            when was_asked then paused_due
            when extension_status = 'valid' then due_extended
            else plain_due
        end as due_date,
        case
            when declared_due is not null then declared_due
            when was_asked then paused_conservative
            when starts_with(conservative, 'no_roll')
                then if(extension_status = 'valid', base_extended, plain_base) - (conservative = 'no_roll_minus_one_day')::integer
            when extension_status = 'valid' then due_extended
            else plain_due
        end as conservative_due_date,
        case
            when declared_due is not null then declared_due
            when was_asked then paused_refusal
            when starts_with(conservative, 'no_roll') then plain_base - (conservative = 'no_roll_minus_one_day')::integer
            else plain_due
        end as conservative_refusal_date,
        on_day(closed, zone) as closed_date, on_day(acknowledged, zone) as acknowledged_date,
        closed is not null and exists (
            select 1 from stops where stops.unit = whole.unit and stops.counts
            and stops.asked_seq < whole.closed and coalesce(whole.closed < stops.answered_seq, true)
        ) as paused_at_closing,
        least(excluded, if(withdrawn > closed, null, withdrawn)) as left_by
    from whole
),

stated as (
    select
        *,
        left_by is not null or role = 'processor' as is_out,
        case
            when left_by is not null or role = 'processor' then 'excluded'
            when rule_id is null then 'no_rule'
            when response_n is null and due_date is null then 'no_deadline'
            when closed is not null and (due_date is null or closed_date <= due_date or paused_at_closing) then 'closed_on_time'
            when closed is not null then 'closed_late'
            when due_date is null then 'paused'
            when today <= due_date then 'open_in_time'
            else 'open_overdue'
        end as status,
        if(kind(closed) = no('denied') and refusal_extendable = 'no', conservative_refusal_date, conservative_due_date) as strict_due
    from due
)

select
    *,
    case
        when is_out or status in ('no_rule', 'no_deadline') or strict_due is null then status
        when closed is not null then if(closed_date <= strict_due, 'closed_on_time', 'closed_late')
        when today <= strict_due then 'open_in_time'
        else 'open_overdue'
    end as strict_status
from stated;

create temp table unpermitted as
with
waited as (
    select
        stops.unit, asked,
        least(coalesce(answered, today), coalesce(closed_date, today), today) as until
    from stops
    inner join states using (unit)
    where not counts and is_reported
),

swept as (
    select
        unit,
        until - greatest(asked, max(until) over (
            partition by unit order by asked, until rows between unbounded preceding and 1 preceding
        )) as days
    from waited
)

select unit, sum(greatest(days, 0))::integer as days from swept group by unit;

-- What was written down more than two weeks after it happened.
create temp table tardy as
select request_id as answered_request, seq, min(recorded_at) as recorded_at
from events
where epoch_us(recorded_at) - epoch_us(occurred_at) > 1209600000000
group by request_id, seq;

create temp table forwarding as
select
    unit,
    coalesce(fifth.day, units.received_date + case isodow(units.received_date) when 6 then 6 when 7 then 5 else 7 end) as due
from units
left join days as today on today.calendar = place_calendar and today.day = units.received_date
left join days as fifth on fifth.calendar = place_calendar and fifth.is_working and fifth.n = today.n + 5
where units.role = 'processor';

create temp table waiting as
select unit, min(asked) as asked from stops where counts and answered is null group by unit;

create table snapshot.fct_requests as
select
    namespace || '/' || request_id || '/' || right_type as request_key, namespace,
    source, request_id, right_type, subject_key, jurisdiction, states.regime as regime_code,
    rule_id, channel, units.occurred_at as received_at, units.received_date, start_date,
    base_due_date, due_date, conservative_due_date,
    if(status = 'paused', coalesce(resumed.days_back, 0), paused_days) as paused_days,
    if(status = 'paused', resumed.due, null) as due_date_if_resumed, coalesce(unpermitted.days, 0) as unpermitted_pause_days,
    extension_status,
    if(standing is null or (standing & 15) > 13, null, enum_range(null::reason)[(standing & 15) + 1]::varchar) as extension_reason,
    acknowledged_date, ack_due as ack_due_date,
    case
        when ack_due is null then null
        when acknowledged is not null then if(acknowledged_date <= ack_due, 'on_time', 'late')
        else if(today <= ack_due, 'open_in_time', 'open_overdue')
    end as ack_status,
    make_timestamptz(closed >> 9) as closed_at, closed_date,
    paused_at_closing and status in ('closed_on_time', 'closed_late') as closed_while_paused,
    enum_range(null::event_type)[kind(closed) + 1]::varchar as outcome,
    if(kind(closed) = no('denied') and (closed & 15) < 14, enum_range(null::reason)[(closed & 15) + 1]::varchar, null) as denial_reason,
    status,
    case
        when left_by is not null and kind(left_by) = no('withdrawn') then 'withdrawn'
        when left_by is not null then enum_range(null::reason)[(left_by & 15) + 1]::varchar
        when is_out then 'not_controller'
    end as exclusion_reason,
    coalesce(kind(left_by) = no('withdrawn') and on_day(left_by, states.zone) > due_date, false) as withdrawn_overdue,
    coalesce(status = 'open_in_time' and today >= due_date - 7, false) as due_soon,
    closed_date - units.received_date as days_to_close,
    if(
        status in ('paused', 'open_in_time', 'open_overdue') or (status in ('no_rule', 'no_deadline') and closed is null),
        today - units.received_date, null
    ) as days_open,
    if(status in ('excluded', 'no_rule', 'no_deadline') or due_date is null, null, greatest(coalesce(closed_date, today) - due_date, 0)) as days_overdue,
    declared_due_date,
    if(units.regime = 'DECLARED', null, declared_due_date <> due_date) as declared_differs,
    strict_status, confidence as rule_confidence,
    if(status = 'paused', waiting.asked, null) as paused_since,
    coalesce(status in ('closed_on_time', 'closed_late') and timezone(states.zone, tardy.recorded_at)::date > due_date, false) as answer_recorded_late,
    forwarding.due as forwarding_due_date,
    case
        when forwarding.due is null or exclusion_reason <> 'not_controller' then null
        when forwarded is not null then if(on_day(forwarded, states.zone) <= forwarding.due, 'on_time', 'late')
        else if(today <= forwarding.due, 'open_in_time', 'open_overdue')
    end as forwarding_status,
    units.event_id, units.batch_id, units.row_number
from units
inner join states using (unit)
left join unpermitted using (unit)
left join waiting using (unit)
left join resumed using (unit)
left join forwarding using (unit)
left join tardy on units.request_id = tardy.answered_request and states.closed = tardy.seq;
