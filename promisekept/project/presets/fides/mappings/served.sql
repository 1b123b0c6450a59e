-- One notice that was served -> that it was shown to the person. A component that is not named here is quarantined by its name.
with
shown as (
    select *, 'id:' || id as shown_id, notice_key as purpose_code from source where notice_key <> ''
    union all
    select * exclude (purpose), 'id:' || id || ':' || purpose, 'tcf_' || purpose
    from (
        select *, unnest(from_json(coalesce(tcf_served -> '$.tcf_purpose_consents', '[]'), '["VARCHAR"]')) as purpose
        from source
        where coalesce(notice_key, '') = '' and tcf_served <> ''
    )
)

select
    _row,
    'served:' || shown_id as event_id,
    received_at as occurred_at,
    created_at as recorded_at,
    person as subject_ref,
    purpose_code,
    'shown' as event_type,
    case
        when serving_component = 'privacy_center' then 'form'
        when serving_component in ('overlay', 'banner', 'modal', 'tcf_overlay', 'tcf_banner') then 'banner'
        else serving_component
    end as mechanism,
    privacy_notice_history_id as notice_id,
    upper(replace(user_geography, '_', '-')) as jurisdiction
from shown
