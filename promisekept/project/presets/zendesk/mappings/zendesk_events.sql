-- One event of a ticket -> each change of its status that is an event in law.
-- `new`, `open`, `pending` and `hold` are work, and stop no clock; `closed` follows `solved` by itself. Any other status passes through
-- and is quarantined by its name.
-- ? `solved` does not show how: 'fulfilled', 'partially_fulfilled' or 'denied'? Until you decide, it is quarantined by its name.
-- ? Does `pending` mean that you asked the person something and wait? Then it is 'clarification_requested', and the way back to `open`
--   is 'clarification_received'.
with
changes as (
    select _row, id, ticket_id, created_at, unnest(from_json(coalesce(nullif(child_events, ''), '[]'), '["JSON"]')) as change
    from source
),

statuses as (
    select
        *,
        change ->> '$.id' as change_id,
        change ->> '$.status' as status,
        change ->> '$.previous_value' as previous
    from changes
    where change ->> '$.event_type' = 'Change' and change ->> '$.status' is not null
)

select
    _row,
    'change:' || id || ':' || change_id as event_id,
    ticket_id as request_id,
    case when previous = 'solved' then 'reopened' else status end as event_type,
    created_at as occurred_at,
    case status when 'denied' then 'other' end as reason_code
from statuses
where status not in ('new', 'open', 'pending', 'hold', 'closed') or (previous = 'solved' and status <> 'closed')
