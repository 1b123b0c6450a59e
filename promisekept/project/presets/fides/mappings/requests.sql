-- One privacy request and one kind of action, as both stand today -> its receipt, the check of the identity, and its end.
-- The end is dated by the request itself, or by the audit log where the request holds no date; `evidence_ref` names which.
-- A status, an action or an origin that is not named here passes through and is quarantined by its name.
-- ? `canceled` does not record by whom. Is it always the person who took the request back ('withdrawn')?
-- ? A code is sent to confirm the identity. Does the law of your place let the clock wait for that? Then add an 'identity_requested'
--   at `received_at`, where `status` is 'identity_unverified' or `identity_verified_at` is set. Without it no clock waits.
-- ? A request that was deleted in the interface stays counted, and its deletion is quarantined by name. Were those all
--   'excluded' as 'test' or 'not_a_request'?
with
cases as (
    select
        *,
        coalesce(nullif(requested_at, ''), created_at) as received_at,
        case action_type when 'access' then 'access' when 'erasure' then 'erasure' when 'update' then 'rectification'
            else action_type end as right_type,
        case source when 'Privacy Center' then 'web_form' when 'Fides.js' then 'web_form' when 'Janus SDK' then 'in_app'
            when 'Request Manager' then null when 'Consent Webhook' then null when 'Dataset Test' then null
            else source end as channel
    from source
),

moments as (
    select *, 'received' as event_type, received_at as occurred_at, null as reason_code, 'requested_at' as dated_by from cases
    union all
    select *, 'identity_verified', identity_verified_at, null, 'identity_verified_at' from cases where identity_verified_at <> ''
    union all
    select
        *, 'fulfilled', coalesce(nullif(finished_processing_at, ''), audit_finished_at), null,
        case when finished_processing_at <> '' then 'finished_processing_at' else 'auditlog.finished' end
    from cases
    where status = 'complete'
    union all
    select
        *, 'denied', coalesce(nullif(reviewed_at, ''), audit_denied_at), 'other',
        case when reviewed_at <> '' then 'reviewed_at' else 'auditlog.denied' end
    from cases
    where status = 'denied'
    union all
    select *, 'excluded', _changed_at, 'duplicate', 'status' from cases where status = 'duplicate'
    union all
    select *, 'excluded', received_at, 'test', 'source' from cases where source = 'Dataset Test'
    union all
    select *, status, coalesce(nullif(canceled_at, ''), _changed_at), null, 'status' from cases
    where status not in (
        'complete', 'denied', 'duplicate',
        -- not answered, whatever the machine is doing with it:
        'identity_unverified', 'requires_input', 'pending', 'approved', 'in_processing', 'paused', 'awaiting_email_send',
        'requires_manual_finalization', 'pending_external', 'error', 'awaiting_pre_approval', 'pre_approval_not_eligible'
    )
    union all
    select *, 'deleted', deleted_at, null, 'deleted_at' from cases where deleted_at <> ''
)

select
    _row,
    id || ':' || action_type || ':' || event_type || coalesce(':' || reason_code, '') as event_id,
    updated_at as revision,
    id as request_id,
    right_type,
    event_type,
    occurred_at,
    case event_type when 'received' then person end as subject_ref,
    case event_type when 'received' then upper(replace(location, '_', '-')) end as jurisdiction,
    case event_type when 'received' then channel end as channel,
    reason_code,
    case reason_code when 'duplicate' then duplicate_of end as duplicate_of,
    case event_type when 'received' then due_date end as declared_due_at,
    'fides:privacyrequest/' || dated_by as evidence_ref
from moments
