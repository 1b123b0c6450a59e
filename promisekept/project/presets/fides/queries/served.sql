-- One row per notice that was served.
select
    id,
    cast(serving_component as varchar) as serving_component,
    notice_key,
    privacy_notice_history_id,
    user_geography,
    cast(tcf_served as varchar) as tcf_served,
    coalesce(hashed_email, hashed_phone_number, hashed_external_id, hashed_fides_user_device) as person,
    coalesce(received_at, created_at) as received_at,
    created_at
from servednoticehistory
