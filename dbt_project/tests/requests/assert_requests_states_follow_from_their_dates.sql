-- A row here is a request whose state contradicts the dates beside it.
select request_key, status, strict_status, due_date, closed_date, start_date, received_date
from {{ ref('fct_requests') }}
where
    status is null
    or strict_status is null
    or extension_status is null
    or (status in ('excluded', 'no_rule', 'no_deadline') and strict_status <> status)
    or (status = 'excluded') <> (exclusion_reason is not null)
    or (status not in ('excluded') and (no_rule_reason is not null) <> (status = 'no_rule'))
    or (status in ('closed_on_time', 'closed_late') and closed_date is null)
    or (status in ('paused', 'open_in_time', 'open_overdue') and closed_date is not null)
    or (status in ('closed_late', 'open_in_time', 'open_overdue') and due_date is null)
    or (status = 'paused' and due_date is not null)
    or (status = 'closed_late' and if(due_at is null, closed_date <= due_date, closed_at <= due_at))
    or (status = 'closed_on_time' and if(due_at is null, closed_date > due_date, closed_at > due_at))
    or (due_date < unrolled_due_date)
    or (start_date < received_date)
    or (paused_days < 0 or unpermitted_pause_days < 0 or days_overdue < 0)
