-- One ticket -> its receipt. Which right is asked for, and where the person is, stand in its tags: `right_erasure`, `place_us_ca`.
-- ? Do your tickets carry such tags? If a form field records it instead, read it here from `custom_fields`.
with
tickets as (
    select *, from_json(coalesce(nullif(tags, ''), '[]'), '["VARCHAR"]') as listed from source
)

select
    _row,
    id || ':received' as event_id,
    updated_at as revision,
    id as request_id,
    'received' as event_type,
    created_at as occurred_at,
    coalesce(replace(list_filter(listed, lambda tag: starts_with(tag, 'right_'))[1], 'right_', ''), 'no tag right_...') as right_type,
    upper(replace(replace(list_filter(listed, lambda tag: starts_with(tag, 'place_'))[1], 'place_', ''), '_', '-')) as jurisdiction,
    case via ->> '$.channel'
        when 'email' then 'email'
        when 'web' then 'web_form'
        when 'web_widget' then 'web_form'
        when 'api' then null
        when 'voice' then 'phone'
        when 'mobile' then 'in_app'
        when 'mobile_sdk' then 'in_app'
        when 'native_messaging' then 'in_app'
        when 'chat' then 'in_app'
        else via ->> '$.channel'
    end as channel,
    requester_id as subject_ref
from tickets
