-- One row per two identifiers that one request was made with, or that one preference was saved under.
select
    named.privacy_request_id || ':' || other.field_name as id,
    named.hashed_value as person,
    other.hashed_value as other_person,
    named.created_at
from providedidentity as named
inner join providedidentity as other
    on named.privacy_request_id = other.privacy_request_id and named.field_name < other.field_name
where named.hashed_value is not null and other.hashed_value is not null
union all
select
    id || ':device',
    coalesce(hashed_email, hashed_phone_number, hashed_external_id),
    hashed_fides_user_device,
    created_at
from privacypreferencehistory
where coalesce(hashed_email, hashed_phone_number, hashed_external_id) is not null and hashed_fides_user_device is not null
