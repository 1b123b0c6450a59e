-- One opt-out that reached one connected system -> that the system has stopped.
select
    _row,
    'propagated:' || id || ':' || connection_key as event_id,
    done_at as revision,
    case state when 'complete' then 'withdrawal_applied' else state end as event_type,
    done_at as occurred_at,
    person as subject_ref,
    notice_key as purpose_code,
    connection_key as system,
    'fides:executionlog' as evidence_ref
from source
