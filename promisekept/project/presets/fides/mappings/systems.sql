-- One connected system that has done its part of a request -> that it carried the request out.
-- What is unfinished or was skipped is left out by rule; a status that the execution log was not known to have passes through.
select
    _row,
    privacy_request_id || ':' || action_type || ':' || connection_key as event_id,
    done_at as revision,
    privacy_request_id as request_id,
    case action_type when 'access' then 'access' when 'erasure' then 'erasure' when 'update' then 'rectification' else action_type end
        as right_type,
    case state when 'complete' then 'system_completed' else state end as event_type,
    done_at as occurred_at,
    connection_key as system,
    'fides:executionlog' as evidence_ref
from source
