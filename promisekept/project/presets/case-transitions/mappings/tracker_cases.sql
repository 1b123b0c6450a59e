-- One case -> its receipt. A type or a way of delivery that is not named here passes through and is quarantined by its name.
-- ? Which types does your tracker have? Freedom-of-information cases are no rights requests: leave them out of the export, or skip them.
select
    _row,
    id || ':received' as event_id,
    updated_at as revision,
    id as request_id,
    'received' as event_type,
    received_date as occurred_at,
    case type
        when 'Case::SAR::Standard' then 'access'
        when 'Case::SAR::Offender' then 'access'
        when 'Case::SAR::OffenderComplaint' then 'appeal'
        when 'Case::SAR::InternalReview' then 'appeal'
        else type
    end as right_type,
    case delivery_method when 'sent_by_email' then 'email' when 'sent_by_post' then 'mail' when '' then null
        else delivery_method end as channel,
    subject_reference as subject_ref,
    external_deadline as declared_due_at
from source
