-- One row per preference that was saved, with the one that the same person had saved before for the same notice.
with
saved as (
    select
        id,
        cast(preference as varchar) as preference,
        cast(method as varchar) as method,
        cast(request_origin as varchar) as request_origin,
        notice_key,
        cast(notice_mechanism as varchar) as notice_mechanism,
        privacy_notice_history_id,
        user_geography,
        cast(tcf_preferences as varchar) as tcf_preferences,
        coalesce(hashed_email, hashed_phone_number, hashed_external_id, hashed_fides_user_device) as person,
        coalesce(received_at, created_at) as received_at,
        created_at
    from privacypreferencehistory
)

select *, lag(preference) over (partition by person, notice_key order by received_at, id) as previous
from saved
