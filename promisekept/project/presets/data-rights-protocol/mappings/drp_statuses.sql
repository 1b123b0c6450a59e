-- One status payload -> the event of the request that it stands for in law. `open` stands for none.
-- A status or a reason that is not named here passes through and is quarantined by its name; so is `expired`, which ends the
-- exchange of messages and is no answer: the request stays open.
with
statuses_with_event as (
    select
        *,
        case
            when status = 'in_progress' and reason = 'need_user_verification' then 'identity_requested'
            when status = 'in_progress' then 'acknowledged'
            when status = 'revoked' then 'withdrawn'
            else status
        end as event_type
    from source
    where status <> 'open'
)

select
    _row,
    request_id || ':' || event_type || ':' || _changed_at as event_id,
    request_id,
    event_type,
    _changed_at as occurred_at,
    expected_by as declared_due_at,
    case event_type when 'denied' then
        case reason
            when 'insuf_verification' then 'identity_not_verified'
            when 'insufficient_verification' then 'identity_not_verified'
            when 'no_match' then 'no_data'
            when 'claim_not_covered' then 'exempt'
            when 'too_many_requests' then 'excessive'
            when 'suspected_fraud' then 'other'
            when 'outside_jurisdiction' then 'other'
            else reason
        end
    end as reason_code
from statuses_with_event
