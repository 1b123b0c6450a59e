-- One row per case -> received, and what closed it. A status or subject that is not known here passes through and is
-- quarantined by its own name.
select
    _row,
    "Case" || ':received' as event_id,
    "Case" as request_id,
    'received' as event_type,
    "Opened" as occurred_at,
    "Requester" as subject_ref,
    case "Subject"
        when 'Copy of data' then 'access' when 'Deletion' then 'erasure' when 'Correction' then 'rectification'
        when 'Transfer' then 'portability' when 'Objection' then 'objection' when 'Restriction' then 'restriction'
        when 'Consent withdrawn' then 'consent_withdrawal' when 'Automated decision' then 'automated_decision'
        else "Subject"
    end as right_type,
    "Country" as jurisdiction,
    case "Came by" when 'Letter' then 'mail' when 'Telephone' then 'phone' when 'E-mail' then 'email' else "Came by" end as channel,
    null as reason_code
from source
union all
select
    _row,
    "Case" || ':closed',
    "Case",
    case "Status"
        when 'Granted' then 'fulfilled' when 'Granted in part' then 'partially_fulfilled' when 'Refused' then 'denied'
        when 'Withdrawn' then 'withdrawn' when 'Test' then 'excluded' when 'No request' then 'excluded'
        else "Status"
    end,
    "Closed",
    null,
    null,
    null,
    null,
    case "Status"
        when 'Granted in part' then 'third_party_rights' when 'Refused' then 'exempt'
        when 'Test' then 'test' when 'No request' then 'not_a_request'
    end
from source
where "Closed" <> ''
