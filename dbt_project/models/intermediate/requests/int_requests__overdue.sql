-- Requests that bind unanswered: without an answer by the end of the due date. A request that was answered by then and reopened
-- later is overdue from the reopening on. A request that left the population binds nothing.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

-- A due time counts to the instant, a due date to the end of its local day.
requests_due as (
    select
        *,
        case
            when due_at is not null then make_timestamptz(epoch_us(due_at) + 1)
            else {{ day_begins('(due_date + 1)', 'time_zone') }}
        end as due_until,
    from {{ ref('int_requests__deadlines') }}
    where
        right_type in ('{{ rights_that_bind_unanswered() | join("', '") }}')
        and exclusion_reason is null
        and due_date is not null
        and not closed_while_waiting
        and (closed_at is null or turns is not null or closed_date > due_date or closed_at > due_at)
),

overdue as (
    select *, {{ unanswered_since('due_until') }} as overdue_at
    from requests_due
)

select
    overdue.request_key,
    overdue.namespace,
    overdue.request_id,
    overdue.right_type,
    overdue.subject_key,
    overdue.overdue_at,
from overdue
inner join instants on overdue.overdue_at <= instants.as_of
