-- One row per question to the person or the customer, open until the next answer of its kind.
with
units as (select * from {{ ref('int_requests__units') }}),

timelines as (
    select unit_no, questions
    from {{ ref('int_requests__timeline') }}
    where questions is not null
),

moments as (
    select unit_no, unnest(questions) as moment
    from timelines
),

moments_by_kind as (
    select
        unit_no,
        moment,
        case
            when {{ moment_event_number('moment') }} in {{ event_numbers(['identity_requested', 'identity_verified']) }} then 'identity'
            when {{ moment_event_number('moment') }} in {{ event_numbers(['fee_requested', 'fee_paid']) }} then 'fee'
            else 'clarification'
        end as kind,
        {{ moment_event_number('moment') }} in {{ event_numbers(event_types('requests', 'question')) }}
            as is_question,
    from moments
),

paired_questions as (
    select
        unit_no,
        kind,
        is_question,
        moment as asked,
        min(moment) filter (where not is_question) over (
            partition by unit_no, kind
            order by moment
            rows between current row and unbounded following
        ) as answered,
    from moments_by_kind
),

-- Asked again before the answer came: still one wait.
waits as (
    select unit_no, kind, min(asked) as asked, answered
    from paired_questions
    where is_question
    group by unit_no, kind, answered
)

select
    waits.unit_no,
    waits.kind,
    waits.asked,
    waits.answered,
    {{ moment_date('waits.asked', 'units.time_zone') }} as asked_date,
    {{ moment_date('waits.answered', 'units.time_zone') }} as answered_date,
from waits
inner join units using (unit_no)
