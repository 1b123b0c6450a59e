-- fct_request_traces: the same steps as the product tells, in fewer words.

create macro step(name, day, says, why) as concat(
    '{"step":"', name, '","date":', if(day is null, 'null', concat('"', day::varchar, '"')), ',"says":"', says, '","why":"', why, '"},'
);
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

-- Every landed row that a trace rests on, in order: one number holds when, what, the batch and the row.
create temp table provenance as
with
rows_of as (
    select
        unit,
        list_sort(list(
            seq::hugeint * 18446744073709551616 + substr(events.batch_id, 3)::hugeint * 68719476736 + events.row_number
        )) as landed
    from events
    inner join units
        on events.request_id = units.request_id
        and (events.right_type = units.right_type or (events.right_type is null and events.occurred_at >= units.occurred_at))
    group by unit
)

select
    unit,
    list_transform(landed, lambda one: {
        event_type: (enum_range(null::event_type))[kind((one >> 64)::bigint) + 1]::varchar,
        occurred_at: make_timestamptz((one >> 73)::bigint),
        source: 'helpdesk',
        batch_id: 'b-' || lpad(((one >> 36) & 1048575)::varchar, 4, '0'),
        row_number: (one & 68719476735)::bigint
    }) as provenance
from rows_of;

-- A gigabyte of sentences that resemble each other: said outright, the compression costs a third of what choosing it does.
set force_compression = 'zstd';

create table snapshot.fct_request_traces as
select
    concat(namespace, '/', request_id, '/', units.right_type) as request_key,
    concat(
        '[',
        if(
            judged.rule_id is null,
            step('rule', null, concat('No rule for ', units.jurisdiction), 'a finding, not a guess'),
            step(
                'rule', clocks.valid_from, concat('Rule ', judged.rule_id, ' governs what was received on ', said(units.received_date)),
                replace(judged.citation, '"', '\"')
            )
        ),
        step('received', units.received_date, concat('Received on ', said(units.received_date)), concat('local date in ', units.zone)),
        if(
            judged.base_due_date is null, '',
            concat(
                step('start', judged.start_date, concat('The clock begins on ', said(judged.start_date)), start_rule),
                step(
                    'base_due', judged.base_due_date,
                    concat(judged.response_n, ' ', response_unit, ' after ', said(judged.start_date), ': ', said(judged.base_due_date)),
                    'counted from the start'
                )
            )
        ),
        pause_steps.steps,
        if(judged.extension_status = 'none', '', step('extension', null, concat('The notice is ', judged.extension_status), 'from the same start')),
        if(
            judged.due_date is null,
            step('due', null, 'No due date', judged.status),
            concat(
                if(judged.roll = 'none', '', step(
                    'roll', judged.due_date, concat(said(judged.due_date), ' is a ', strftime(judged.due_date, '%A')),
                    concat('may not end on ', judged.roll, ' (', judged.calendar, ')')
                )),
                step(
                    'due', judged.due_date,
                    concat('Due on ', said(judged.due_date), '; stricter reading ', said(judged.conservative_due_date)),
                    coalesce(clocks.conservative, 'no stricter reading')
                )
            )
        ),
        rtrim(step(
            'state', coalesce(judged.closed_date, today),
            concat(replace(judged.status, '_', ' '), ' on ', said(coalesce(judged.closed_date, today))), strict_status
        ), ','),
        ']'
    ) as trace,
    provenance.provenance
from units
inner join clocks using (clock)
inner join judged using (unit)
left join pause_steps using (unit)
left join provenance using (unit);

reset force_compression;
