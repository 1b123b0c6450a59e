-- One row per privacy request and kind of action that its policy asks for, as both stand today.
select
    privacyrequest.id,
    rules.action_type,
    cast(privacyrequest.status as varchar) as status,
    cast(privacyrequest.source as varchar) as source,
    privacyrequest.location,
    privacyrequest.created_at,
    privacyrequest.requested_at,
    privacyrequest.identity_verified_at,
    privacyrequest.reviewed_at,
    privacyrequest.finished_processing_at,
    privacyrequest.canceled_at,
    privacyrequest.deleted_at,
    privacyrequest.due_date,
    privacyrequest.updated_at,
    audited.finished_at as audit_finished_at,
    audited.denied_at as audit_denied_at,
    person.hashed_value as person,
    counted.id as duplicate_of
from privacyrequest
left join (
    select distinct policy_id, cast(action_type as varchar) as action_type from rule
) as rules on privacyrequest.policy_id = rules.policy_id
left join (
    select
        privacy_request_id,
        max(case when cast(action as varchar) = 'finished' then created_at end) as finished_at,
        max(case when cast(action as varchar) = 'denied' then created_at end) as denied_at
    from auditlog
    group by privacy_request_id
) as audited on privacyrequest.id = audited.privacy_request_id
left join (
    select distinct on (privacy_request_id) privacy_request_id, hashed_value
    from providedidentity
    where hashed_value is not null
    order by
        privacy_request_id,
        case field_name when 'email' then 1 when 'phone_number' then 2 when 'external_id' then 3 when 'fides_user_device_id' then 4
            else 5 end,
        field_name
) as person on privacyrequest.id = person.privacy_request_id
left join (
    select distinct on (duplicate_request_group_id) duplicate_request_group_id, id
    from privacyrequest
    where duplicate_request_group_id is not null and cast(status as varchar) <> 'duplicate'
    order by duplicate_request_group_id, created_at
) as counted
    on privacyrequest.duplicate_request_group_id = counted.duplicate_request_group_id
    and cast(privacyrequest.status as varchar) = 'duplicate'
