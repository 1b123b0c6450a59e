-- One row per (request, right), the rule in force, and the clock of everybody who was never asked anything.

-- `seq` orders the events of a request and holds their kind and reason.
create view events as
select *, ((epoch_us(occurred_at) * 32 + enum_code(event_type::event_type)) * 16 + coalesce(enum_code(reason_code::reason), 15)) as seq
from requests;

create macro on_day(seq, zone) as timezone(zone, make_timestamptz(seq >> 9))::date;
create macro kind(seq) as (seq >> 4) & 31;
create macro no(event) as enum_code(event::event_type);

create temp table receipts as
with
received as (from events where event_type = 'received'),
twice as (select hash(request_id, right_type) as unit_hash from received group by all having count(*) > 1)

select * from received anti join twice on hash(request_id, right_type) = unit_hash
union all by name
from (from received semi join twice on hash(request_id, right_type) = unit_hash)
qualify row_number() over (partition by request_id, right_type order by occurred_at, event_id) = 1;

create temp table placed as
select
    row_number() over () as unit, receipts.* exclude (seq, counts, collides),
    coalesce(receipts.regime_code, places.regime_code) as regime, places.regime_code as place_regime,
    places.calendar as place_calendar, coalesce(places.time_zone, getvariable('zone')) as zone,
    timezone(coalesce(places.time_zone, getvariable('zone')), occurred_at)::date as received_date
from receipts
left join places
    on receipts.jurisdiction = places.jurisdiction
    and timezone(coalesce(places.time_zone, getvariable('zone')), occurred_at)::date >= places.valid_from
    and timezone(coalesce(places.time_zone, getvariable('zone')), occurred_at)::date < places.valid_to;

-- Every calendar, numbered by working days, with the next day on which a period may end.
create temp table days as
with
numbered as (
    select
        calendars.calendar, series.day::date as day, isodow(series.day) as weekday,
        holidays.calendar is not null as is_holiday
    from (select distinct calendar from calendars) as calendars
    cross join generate_series(
        (select min(received_date) - 31 from placed), (select max(received_date) + 1200 from placed), interval 1 day
    ) as series (day)
    left join holidays on calendars.calendar = holidays.calendar and series.day::date = holidays.day
)

select
    calendar, day, weekday < 6 and not is_holiday as is_working,
    count(*) filter (weekday < 6 and not is_holiday) over (partition by calendar order by day) as n,
    min(day) filter (weekday < 6 and not is_holiday) over ahead as weekend_or_holiday,
    min(day) filter (weekday < 7 and not is_holiday) over ahead as sunday_or_holiday,
    min(day) filter (not is_holiday) over ahead as holiday
from numbered
window ahead as (partition by calendar order by day rows between current row and unbounded following);

create macro rolled(day, how, on_that_day) as case how
    when 'weekend_or_holiday' then on_that_day.weekend_or_holiday
    when 'sunday_or_holiday' then on_that_day.sunday_or_holiday
    when 'holiday' then on_that_day.holiday
    else day
end;
create macro add_calendar(start, n, unit) as case unit when 'month' then (start + to_months(n::integer))::date when 'day' then start + n::integer end;

-- The law for each kind of request and day of receipt, counted once instead of once per request.
create temp table clocks as
with
cases as (select distinct regime, right_type, received_date, place_calendar from placed),

ruled as (
    select
        cases.*, rules.* exclude (right_type, calendar),
        if(rules.calendar = 'CONTROLLER', place_calendar, rules.calendar) as calendar
    from cases
    left join rules
        on cases.regime = rules.regime_code
        and cases.right_type = rules.right_type
        and cases.received_date >= rules.valid_from
        and cases.received_date < rules.valid_to
        and not (
            (roll <> 'none' or response_unit = 'business_day' or ack_unit = 'business_day')
            and if(rules.calendar = 'CONTROLLER', place_calendar, rules.calendar) is null
        )
),

counted as (
    select
        ruled.*,
        if(response_unit = 'business_day', plain.day, add_calendar(received_date, response_n, response_unit)) as base,
        if(response_unit = 'business_day', longer.day, add_calendar(received_date, response_n + coalesce(extension_n, 0), response_unit)) as base_extended,
        if(ack_unit = 'business_day', ack.day, add_calendar(received_date, ack_n, ack_unit)) as ack_base
    from ruled
    left join days as today on today.calendar = ruled.calendar and today.day = received_date
    left join days as plain on plain.calendar = ruled.calendar and plain.is_working and plain.n = today.n + response_n
    left join days as longer on longer.calendar = ruled.calendar and longer.is_working and longer.n = today.n + response_n + coalesce(extension_n, 0)
    left join days as ack on ack.calendar = ruled.calendar and ack.is_working and ack.n = today.n + ack_n
)

select
    row_number() over () as clock, counted.* exclude (ack_base),
    if(response_unit = 'business_day', base, rolled(base, roll, plain)) as due,
    if(response_unit = 'business_day', base_extended, rolled(base_extended, roll, longer)) as due_extended,
    if(ack_unit = 'business_day', ack_base, rolled(ack_base, roll, ack)) as ack_due
from counted
left join days as plain on plain.calendar = counted.calendar and plain.day = base
left join days as longer on longer.calendar = counted.calendar and longer.day = base_extended
left join days as ack on ack.calendar = counted.calendar and ack.day = ack_base;

create temp table units as
select placed.*, clock
from placed
inner join clocks
    on placed.regime is not distinct from clocks.regime
    and placed.right_type = clocks.right_type
    and placed.received_date = clocks.received_date
    and placed.place_calendar is not distinct from clocks.place_calendar;

-- What may move, stop or end a clock.
create temp table moments as
select unit, seq, events.declared_due_at, events.event_type = 'received' as is_receipt
from events
inner join units
    on events.request_id = units.request_id
    and (events.right_type = units.right_type or (events.right_type is null and events.occurred_at >= units.occurred_at))
where events.event_type not in ('received', 'system_completed', 'stop_lifted') or events.declared_due_at is not null;

create temp table lives as
with
once as (
    select
        unit,
        min(seq) filter (kind(seq) in (no('acknowledged'), no('fulfilled'), no('partially_fulfilled'), no('denied'))) as acknowledged,
        min(seq) filter (kind(seq) in (no('fulfilled'), no('partially_fulfilled'), no('denied'))) as closed,
        min(seq) filter (kind(seq) = no('withdrawn')) as withdrawn, min(seq) filter (kind(seq) = no('excluded')) as excluded,
        min(seq) filter (kind(seq) = no('extended')) as extended,
        min(seq) filter (kind(seq) = no('forwarded_to_controller')) as forwarded,
        max(seq) filter (kind(seq) = no('reopened')) as reopened,
        max(seq) filter (kind(seq) = no('extension_revoked')) as revoked, arg_max(declared_due_at, seq) as declared_due_at
    from moments
    group by unit
),

-- Few are reopened or lose their extension: their later events once more.
again as (
    select
        unit,
        min(seq) filter (kind(seq) in (no('fulfilled'), no('partially_fulfilled'), no('denied')) and seq > coalesce(reopened, 0)) as closed,
        min(seq) filter (kind(seq) = no('withdrawn') and seq > coalesce(reopened, 0)) as withdrawn,
        min(seq) filter (kind(seq) = no('excluded') and seq > coalesce(reopened, 0)) as excluded,
        min(seq) filter (kind(seq) = no('extended') and seq > coalesce(revoked, 0)) as standing
    from moments
    inner join once using (unit)
    where reopened is not null or revoked is not null
    group by unit
)

select
    unit, acknowledged, forwarded, once.declared_due_at, once.extended is not null as has_notice,
    if(again.unit is null, once.closed, again.closed) as closed,
    if(again.unit is null, once.withdrawn, again.withdrawn) as withdrawn,
    if(again.unit is null, once.excluded, again.excluded) as excluded,
    if(again.unit is null, once.extended, again.standing) as standing
from once
left join again using (unit);
