-- One row per opt-out that had to reach other systems, and system: whether it did, and when.
with
latest as (
    select distinct on (privacy_request_id, connection_key, dataset_name, collection_name)
        privacy_request_id,
        connection_key,
        cast(status as varchar) as status,
        created_at
    from executionlog
    where cast(action_type as varchar) = 'consent' and connection_key is not null
    order by privacy_request_id, connection_key, dataset_name, collection_name, created_at desc
),

reached as (
    select
        privacy_request_id,
        connection_key,
        coalesce(
            max(case when status not in (
                'in_processing', 'pending', 'complete', 'error', 'paused', 'retrying', 'skipped', 'polling'
            ) then status end),
            case
                when max(case when status not in ('complete', 'skipped') then 1 else 0 end) = 1 then 'unfinished'
                when max(case when status = 'complete' then 1 else 0 end) = 0 then 'skipped'
                else 'complete'
            end
        ) as state,
        max(created_at) as done_at
    from latest
    group by privacy_request_id, connection_key
)

select
    privacypreferencehistory.id,
    reached.connection_key,
    reached.state,
    reached.done_at,
    privacypreferencehistory.notice_key,
    coalesce(
        privacypreferencehistory.hashed_email,
        privacypreferencehistory.hashed_phone_number,
        privacypreferencehistory.hashed_external_id,
        privacypreferencehistory.hashed_fides_user_device
    ) as person
from privacypreferencehistory
inner join reached on privacypreferencehistory.privacy_request_id = reached.privacy_request_id
where cast(privacypreferencehistory.preference as varchar) = 'opt_out'
