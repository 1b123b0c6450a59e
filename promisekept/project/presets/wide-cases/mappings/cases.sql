-- One row per case -> one event per date that it has. `outcome` holds the log's own words (fulfilled, partially_fulfilled,
-- denied, withdrawn, excluded); any other passes through and is quarantined by its name until you state here what it means.
-- ? Which words does your table use in `outcome` and `reason`? Translate them in the case expressions below.
with
moments as (
    select
        *,
        unnest([
            {'event_type': 'received', 'occurred_at': received_at},
            {'event_type': 'acknowledged', 'occurred_at': acknowledged_at},
            {'event_type': 'identity_requested', 'occurred_at': identity_requested_at},
            {'event_type': 'identity_verified', 'occurred_at': identity_verified_at},
            {'event_type': 'clarification_requested', 'occurred_at': clarification_requested_at},
            {'event_type': 'clarification_received', 'occurred_at': clarification_received_at},
            {'event_type': 'extended', 'occurred_at': extended_at},
            {'event_type': 'closed', 'occurred_at': closed_at}
        ], recursive := true)
    from source
)

select
    _row,
    case_id || ':' || right_type || ':' || event_type as event_id,
    updated_at as revision,
    case_id as request_id,
    right_type,
    case event_type when 'closed' then coalesce(nullif(outcome, ''), 'closed') else event_type end as event_type,
    occurred_at,
    case event_type when 'received' then person end as subject_ref,
    jurisdiction,
    channel,
    case event_type when 'closed' then reason when 'extended' then extension_reason end as reason_code,
    case event_type when 'received' then due_at end as declared_due_at
from moments
where occurred_at <> ''
