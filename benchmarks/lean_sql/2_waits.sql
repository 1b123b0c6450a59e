-- The clocks of those who were asked something: starts that move, pauses, and the periods that they stretch.

create temp table waits as
with
turns as (
    select
        unit,
        case
            when kind(seq) in (no('identity_requested'), no('identity_verified')) then 'identity'
            when kind(seq) in (no('clarification_requested'), no('clarification_received')) then 'clarification'
            else 'fee'
        end as what,
        kind(seq) in (no('identity_requested'), no('clarification_requested'), no('fee_requested')) as is_question,
        seq
    from moments
    where kind(seq) between no('identity_requested') and no('fee_paid')
),

spoken as (select *, lag(is_question) over (partition by unit, what order by seq) as before from turns),

alternating as (select * from spoken where is_question is distinct from before and (is_question or before)),

paired as (select *, lead(seq) over (partition by unit, what order by seq) as answered_seq from alternating)

select
    unit, what, seq as asked_seq, answered_seq, on_day(seq, zone) as asked, on_day(answered_seq, zone) as answered
from paired
inner join units using (unit)
where is_question;

-- Asks that move a start: the unbroken row of those made in time or while another was outstanding.
create temp table asks as
with
movable as (
    select waits.*, received_date, response_n, response_unit, roll, clocks.calendar
    from waits
    inner join (select unit, clock from units) using (unit)
    inner join clocks using (clock)
    where start_rule = 'latest_of_receipt_identity_fee' and response_n is not null and what in ('identity', 'fee')
),

so_far as (
    select
        this.*,
        max(other.answered) filter (other.answered_seq < this.asked_seq) as answered_before,
        coalesce(
            bool_or(other.asked_seq < this.asked_seq and coalesce(other.answered_seq > this.asked_seq, true)), false
        ) as another_open
    from movable as this
    inner join movable as other using (unit)
    group by all
),

ended as (
    select
        moved.*,
        if(response_unit = 'business_day', working.day, add_calendar(start, response_n, response_unit)) as base
    from (select *, greatest(received_date, answered_before) as start from so_far) as moved
    left join days as today on today.calendar = moved.calendar and today.day = start
    left join days as working on working.calendar = moved.calendar and working.is_working and working.n = today.n + response_n
)

select
    unit, asked_seq, answered_seq, answered,
    bool_and(another_open or asked <= if(response_unit = 'business_day', base, rolled(base, roll, end_day)))
        over (partition by unit order by asked_seq) as holds
from ended
left join days as end_day on end_day.calendar = ended.calendar and end_day.day = base;

create temp table asked as
select
    units.unit,
    if(
        coalesce(held.waiting, false), null, greatest(units.received_date, held.answered)
    ) as start,
    clocks.* exclude (clock, received_date)
from units
inner join clocks using (clock)
semi join waits on units.unit = waits.unit
left join (
    select unit, bool_or(answered is null) as waiting, max(answered) as answered from asks where holds group by unit
) as held on held.unit = units.unit;

-- Stretch the periods of a table of runs (unit, reading, start, n, response_unit, roll, calendar, identity, clarification).
create macro stretched(runs, asked_waits) as table (
    with
    based as (
        select
            run.*, today.n + run.n as last_number,
            if(response_unit = 'business_day', working.day, add_calendar(start, run.n, response_unit)) as base
        from query_table(runs) as run
        left join days as today on today.calendar = run.calendar and today.day = start
        left join days as working on working.calendar = run.calendar and working.is_working and working.n = today.n + run.n
    ),

    permitted as (
        select
            based.*, asked_seq, answered_seq, asked, answered,
            if(what = 'identity', identity, clarification) = 'inclusive' as inclusive, asked - inclusive::integer as open_after
        from based
        inner join query_table(asked_waits) using (unit)
        where case what when 'identity' then identity when 'clarification' then clarification else 'none' end <> 'none'
    ),

    swept as (
        select
            *,
            coalesce(asked > max(coalesce(answered, date '9999-01-01')) over earlier, true) as begins,
            greatest(open_after, start, max(answered) over earlier) as lost_after
        from permitted
        window earlier as (
            partition by unit, reading order by open_after, asked_seq rows between unbounded preceding and 1 preceding
        )
    ),

    islands as (
        select
            swept.*,
            sum(begins::integer) over (partition by unit, reading order by open_after, asked_seq) as island,
            greatest(0, if(response_unit = 'business_day', upto.n - since.n, answered - lost_after)) as days_back
        from swept
        left join days as upto on upto.calendar = swept.calendar and upto.day = answered
        left join days as since on since.calendar = swept.calendar and since.day = lost_after
    ),

    merged as (
        select
            unit, reading, island, any_value(base) as base, any_value(last_number) as last_number,
            any_value(response_unit) as response_unit, any_value(roll) as roll, any_value(calendar) as calendar,
            min(asked) as asked, coalesce(sum(days_back), 0)::integer as days_back,
            if(sum(days_back) > 0, max(answered + inclusive::integer), null) as floor, bool_or(answered is null) as is_open
        from islands
        group by unit, reading, island
    ),

    running as (
        select
            *,
            coalesce(sum(days_back) over earlier, 0)::integer as days_before, max(floor) over earlier as floor_before
        from merged
        window earlier as (partition by unit, reading order by island rows between unbounded preceding and 1 preceding)
    ),

    limited as (
        select
            running.*,
            greatest(if(response_unit = 'business_day', working.day, base + days_before), floor_before) as limit_before
        from running
        left join days as working
            on working.calendar = running.calendar and working.is_working and working.n = last_number + days_before
    ),

    counted_islands as (
        select
            limited.*,
            bool_and(limited.asked <= if(response_unit = 'business_day', limit_before, rolled(limit_before, roll, last_day)))
                over (partition by unit, reading order by island) as counts
        from limited
        left join days as last_day on last_day.calendar = limited.calendar and last_day.day = limit_before
    ),

    summed as (
        select
            unit, reading, coalesce(sum(days_back) filter (counts), 0)::integer as days_back,
            max(floor) filter (counts) as floor, coalesce(bool_or(is_open and counts), false) as stands_still,
            coalesce(max(island) filter (counts), 0) as last_island
        from counted_islands
        group by unit, reading
    ),

    waits_by_run as (
        select
            unit, reading, list(asked_seq) as counted
        from islands inner join summed using (unit, reading)
        where island <= last_island
        group by unit, reading
    ),

    ended as (
        select
            based.*, coalesce(days_back, 0) as days_back, coalesce(stands_still, false) as stands_still,
            counted,
            greatest(if(response_unit = 'business_day', working.day, base + coalesce(days_back, 0)), floor) as ends
        from based
        left join summed using (unit, reading)
        left join waits_by_run using (unit, reading)
        left join days as working
            on working.calendar = based.calendar and working.is_working and working.n = last_number + coalesce(days_back, 0)
    )

    select
        unit, reading, base, days_back, stands_still, counted,
        if(stands_still, null, if(response_unit = 'business_day', ends, rolled(ends, roll, last_day))) as due
    from ended
    left join days as last_day on last_day.calendar = ended.calendar and last_day.day = ends
);

create temp table unextended_runs as
select
    unit, 'unextended' as reading, start, response_n as n, response_unit, roll, calendar,
    pause_identity as identity, pause_clarification as clarification
from asked
where start is not null and response_n is not null;

create temp table unextended as from stretched('unextended_runs', 'waits');

create temp table noticed as
select
    asked.*,
    case
        when not coalesce(has_notice, false) then 'none'
        when standing is null then 'revoked'
        when rule_id is null or extension_notice = 'not_permitted' then 'not_permitted'
        when response_n is null then 'late'
        when start is null or stands_still or on_day(standing, zone) <= due then 'valid'
        else 'late'
    end as extension_status
from (select asked.* exclude (due), unextended.due, unextended.stands_still from asked left join unextended using (unit)) as asked
inner join (select unit, zone from units) using (unit)
left join lives using (unit);

create macro strictly(pause, conservative) as case
    when pause = 'none' or conservative = 'no_pause' then 'none'
    when conservative = 'exclusive_pause' then 'exclusive'
    else pause
end;

create temp table further_runs as
with
running_clocks as (
    select
        unit, start, response_unit, roll, calendar, pause_identity, pause_clarification, conservative, refusal_extendable, extension_status,
        response_n as short,
        response_n + if(extension_status = 'valid', coalesce(extension_n, 0), 0) as long
    from noticed
    where start is not null and response_n is not null
),

wanted as (
    select *, 'extended' as reading, long as n from running_clocks where extension_status = 'valid'
    union all
    select *, 'strict', long from running_clocks where conservative is not null
    union all
    select *, 'strict refusal', short from running_clocks
    where extension_status = 'valid' and refusal_extendable = 'no'
)

select
    unit, reading, start, n, response_unit, calendar,
    if(reading <> 'extended' and starts_with(conservative, 'no_roll'), 'none', roll) as roll,
    if(reading = 'extended', pause_identity, strictly(pause_identity, conservative)) as identity,
    if(reading = 'extended', pause_clarification, strictly(pause_clarification, conservative)) as clarification
from wanted;

create temp table further as from stretched('further_runs', 'waits');

create temp table paused as
select
    noticed.unit, start, unextended.base, extension_status,
    if(extension_status = 'valid' and start is not null, extended.due, unextended.due) as due,
    coalesce(if(extension_status = 'valid' and start is not null, extended.days_back, unextended.days_back), 0) as paused_days,
    if(conservative is null, if(extension_status = 'valid', extended.due, unextended.due), strict.due - (conservative = 'no_roll_minus_one_day')::integer) as conservative_due,
    if(
        refusal.unit is null, conservative_due, refusal.due - coalesce((conservative = 'no_roll_minus_one_day')::integer, 0)
    ) as conservative_refusal,
    if(extension_status = 'valid' and start is not null, extended.counted, unextended.counted) as counted,
    response_n is not null and start is null as start_is_open
from noticed
left join unextended using (unit)
left join further as extended on extended.unit = noticed.unit and extended.reading = 'extended'
left join further as strict on strict.unit = noticed.unit and strict.reading = 'strict'
left join further as refusal on refusal.unit = noticed.unit and refusal.reading = 'strict refusal';

-- The clocks that stand still, as if every open question were answered now.
create temp table resumed_waits as
select waits.* replace (coalesce(answered, timezone(zone, getvariable('as_of'))::date) as answered)
from waits
inner join (select unit, zone from units) using (unit);

create temp table resumed_runs as
select
    unit, 'resumed' as reading, coalesce(noticed.start, timezone(zone, getvariable('as_of'))::date) as start,
    response_n + if(noticed.extension_status = 'valid', coalesce(extension_n, 0), 0) as n,
    response_unit, roll, calendar, pause_identity as identity, pause_clarification as clarification
from noticed
inner join paused using (unit)
inner join (select unit, zone from units) using (unit)
where paused.due is null and response_n is not null;

create temp table resumed as from stretched('resumed_runs', 'resumed_waits');

-- Every wait, and whether the clock stood still for it.
create temp table stops as
select
    waits.*,
    coalesce(asks.holds, false) or coalesce(list_contains(counted, waits.asked_seq), false) as counts,
    -- while the start has not come, only what no rule permits is reported
    not (start_is_open and asks.unit is null and case what when 'identity' then pause_identity when 'clarification' then pause_clarification else 'none' end <> 'none') as is_reported
from waits
inner join paused using (unit)
inner join asked using (unit)
left join asks on asks.unit = waits.unit and asks.asked_seq = waits.asked_seq;
