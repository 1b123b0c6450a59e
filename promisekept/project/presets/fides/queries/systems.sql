-- One row per request, kind of action and connected system: whether all of its collections are done, and since when.
with
latest as (
    select distinct on (privacy_request_id, action_type, connection_key, dataset_name, collection_name)
        privacy_request_id,
        cast(action_type as varchar) as action_type,
        connection_key,
        cast(status as varchar) as status,
        created_at
    from executionlog
    where connection_key is not null
    order by privacy_request_id, action_type, connection_key, dataset_name, collection_name, created_at desc
)

select
    privacy_request_id,
    action_type,
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
group by privacy_request_id, action_type, connection_key
