-- fct_findings: one row per thing that is wrong with a request, and per event whose request never came.
create table snapshot.fct_findings as
with
wrong as (
    select
        *,
        unnest(list_filter([
            if(status = 'open_overdue', 'overdue_open', null),
            if(status = 'closed_late', 'closed_late', null),
            if(ack_status = 'open_overdue', 'acknowledgement_overdue', null),
            if(ack_status = 'late', 'acknowledgement_late', null),
            if(extension_status = 'late', 'extension_late', null),
            if(extension_status = 'not_permitted', 'extension_not_permitted', null),
            if(unpermitted_pause_days > 0, 'unpermitted_pause', null),
            if(closed_while_paused, 'closed_while_paused', null),
            if(withdrawn_overdue, 'withdrawn_overdue', null),
            if(left_overdue and not withdrawn_overdue, 'excluded_overdue', null),
            if(status = 'no_rule', 'no_rule', null),
            if(declared_differs, 'declared_differs', null),
            if(is_closed and outcome = 'denied' and coalesce(denial_reason = 'other', true), 'denial_without_ground', null),
            if(regime_is_override, 'regime_override', null)
        ], lambda code: code is not null)) as finding_code
    from snapshot.fct_requests
)

select
    finding_code || '/' || request_key as finding_key,
    finding_code,
    case
        when finding_code in ('overdue_open', 'no_rule', 'denial_without_ground') then 'high'
        when finding_code in ('acknowledgement_late', 'closed_while_paused', 'declared_differs') then 'low'
        else 'medium'
    end as severity,
    'CTL-DEADLINE' as control_id,
    subject_key,
    'fct_requests/' || request_key as entity,
    received_at as occurred_at,
    landed_at as first_seen_at,
    concat_ws(' ', status, due_date, closed_date, days_overdue) as detail,
    source,
    event_id,
    batch_id,
    row_number
from wrong
union all
select
    'orphan/' || events.namespace || '/' || event_id,
    'orphan',
    'high',
    null,
    subject_key,
    'requests/' || event_id,
    occurred_at,
    landed_at,
    event_type,
    source,
    event_id,
    batch_id,
    row_number
from events
anti join units
    on events.request_id = units.request_id and (events.right_type = units.right_type or events.right_type is null)
where event_type <> 'received';
