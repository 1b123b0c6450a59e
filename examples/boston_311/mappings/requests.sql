-- One case row -> `received` with the due time that the city itself set, and `fulfilled` where it was closed.
select
    _row,
    case_enquiry_id || ':received' as event_id,
    case_enquiry_id as request_id,
    'received' as event_type,
    open_dt as occurred_at,
    case_enquiry_id as subject_ref,
    'access' as right_type,
    target_dt as declared_due_at,
    case source
        when 'Constituent Call' then 'phone'
        when 'Citizens Connect App' then 'in_app'
        when 'City Worker App' then 'agent'
        when 'Self Service' then 'web_form'
        else source
    end as channel
from source
union all
select
    _row,
    case_enquiry_id || ':closed',
    case_enquiry_id,
    'fulfilled',
    closed_dt,
    null,
    null,
    null,
    null
from source
where closed_dt <> ''
