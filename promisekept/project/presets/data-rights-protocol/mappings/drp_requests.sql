-- One exercise request as it was accepted, with the `request_id` that was given in answer -> its receipt.
-- An action that is not named here passes through and is quarantined by its name: `sale:opt_in` is no right but a new consent.
select
    _row,
    request_id || ':received' as event_id,
    request_id,
    'received' as event_type,
    "issued-at" as occurred_at,
    case exercise
        when 'deletion' then 'erasure'
        when 'access' then 'access'
        when 'access:categories' then 'access'
        when 'access:specific' then 'access'
        when 'sale:opt_out' then 'opt_out_sale_share'
        else exercise
    end as right_type,
    case regime when 'ccpa' then 'US-CA' when '' then null else regime end as jurisdiction,
    email as subject_ref
from source
