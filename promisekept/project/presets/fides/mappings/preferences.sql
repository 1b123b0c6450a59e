-- One saved preference -> the answer of the person for each purpose. A notice's key is the purpose; TCF purposes are `tcf_1` and so on.
-- Closing a banner is no answer, and neither is having read a notice: the person was shown it. An opt-out ends what was given, or
-- what was taken for granted (a notice that one opts out of): withdrawn. Otherwise it is a refusal.
-- A preference, a method or an origin that is not named here passes through and is quarantined by its name.
-- ? What does the pack call these purposes? Give the notices the codes of purposes.csv, or translate them here.
with
answers as (
    select *, 'id:' || id as answer_id, notice_key as purpose_code, preference as answer from source where preference <> 'tcf'
    union all
    select
        * exclude (choice), 'id:' || id || ':' || (choice ->> '$.id'), 'tcf_' || (choice ->> '$.id'), choice ->> '$.preference'
    from (
        select
            *, unnest(from_json(coalesce(tcf_preferences -> '$.purpose_consent_preferences', '[]'), '["JSON"]')) as choice
        from source
        where preference = 'tcf' and tcf_preferences <> ''
    )
    union all
    select *, 'id:' || id, 'tcf', 'tcf' from source where preference = 'tcf' and coalesce(tcf_preferences, '') = ''
),

read as (
    select
        *,
        case
            when answer not in ('opt_in', 'opt_out', 'acknowledge') then answer
            when method not in (
                'button', 'reject', 'accept', 'script', 'save', 'dismiss', 'gpc', 'individual_notice', 'acknowledge', 'external_provider'
            ) then method
            when answer = 'acknowledge' or notice_mechanism = 'notice_only' or method = 'dismiss' then 'shown'
            when answer = 'opt_in' then 'given'
            when notice_mechanism = 'opt_out' or previous = 'opt_in' then 'withdrawn'
            else 'refused'
        end as event_type,
        case
            when method = 'gpc' then 'gpc'
            when method in ('script', 'external_provider') or request_origin = 'api' then 'api'
            when request_origin = 'privacy_center' then 'form'
            when request_origin in ('overlay', 'modal', 'banner_and_modal', 'tcf_overlay', 'headless') then 'banner'
            else request_origin
        end as mechanism
    from answers
)

select
    _row,
    'preference:' || answer_id as event_id,
    received_at as occurred_at,
    created_at as recorded_at,
    person as subject_ref,
    purpose_code,
    event_type,
    mechanism,
    privacy_notice_history_id as notice_id,
    upper(replace(user_geography, '_', '-')) as jurisdiction
from read
