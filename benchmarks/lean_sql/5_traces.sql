-- fct_request_traces: the same steps as the product tells, in fewer words.

create macro step(name, day, says, why) as
    '{"step":"' || name || '","date":' || coalesce('"' || day::varchar || '"', 'null') || ',"says":"' || says || '","why":"' || why || '"},';
create macro said(day) as strftime(day, '%-d %B %Y');

create temp table pause_steps as
select
    unit,
    string_agg(step(
        'pause', asked, what || ' asked for on ' || said(asked) || coalesce(', received on ' || said(answered), ', not received'),
        if(counts, 'the clock stood still', 'no effect')
    ), '' order by asked_seq) as steps
from stops
group by unit;

create table snapshot.fct_request_traces as
select
    namespace || '/' || request_id || '/' || units.right_type as request_key,
    '['
    || coalesce(
        step('rule', clocks.valid_from, 'Rule ' || judged.rule_id || ' governs what was received on ' || said(units.received_date), replace(judged.citation, '"', '\"')),
        step('rule', null, 'No rule for ' || units.jurisdiction, 'a finding, not a guess')
    )
    || step('received', units.received_date, 'Received on ' || said(units.received_date), 'local date in ' || units.zone)
    || coalesce(
        step('start', judged.start_date, 'The clock begins on ' || said(judged.start_date), start_rule)
        || step(
            'base_due', judged.base_due_date,
            judged.response_n || ' ' || response_unit || ' after ' || said(judged.start_date) || ': ' || said(judged.base_due_date), 'counted from the start'
        ),
        ''
    )
    || coalesce(pause_steps.steps, '')
    || if(judged.extension_status = 'none', '', step('extension', null, 'The notice is ' || judged.extension_status, 'counted from the same start'))
    || coalesce(
        step('roll', judged.due_date, said(judged.due_date) || ' is a ' || strftime(judged.due_date, '%A'), 'may not end on ' || judged.roll || ' (' || judged.calendar || ')'),
        ''
    )
    || coalesce(
        step('due', judged.due_date, 'Due on ' || said(judged.due_date) || '; stricter reading ' || said(judged.conservative_due_date), coalesce(clocks.conservative, 'no stricter reading')),
        step('due', null, 'No due date', judged.status)
    )
    || rtrim(step('state', coalesce(judged.closed_date, today), replace(judged.status, '_', ' ') || ' on ' || said(coalesce(judged.closed_date, today)), strict_status), ',')
    || ']' as trace
from units
inner join clocks using (clock)
inner join judged using (unit)
left join pause_steps using (unit);
