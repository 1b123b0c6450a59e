-- One case row -> `received`, and what ended it. A disposition that is not listed passes through and is quarantined by its name.
with
dispositions (disposition, event_type, reason_code) as (
    values
    ('Full grant', 'fulfilled', null),
    ('Other - Records Publically Available', 'fulfilled', null),
    ('Partial grant/partial denial', 'partially_fulfilled', 'exempt'),
    ('Full denial based on exemptions', 'denied', 'exempt'),
    ('No records', 'denied', 'no_data'),
    ('Not an agency record', 'denied', 'no_data'),
    ('All records referred to another agency', 'denied', 'other'),
    ('Other - Directed Requester to Another Entity Subject to the FOIA', 'denied', 'other'),
    ('Other - Referred Documents not Responsive', 'denied', 'other'),
    ('Other - Referred records improperly directed', 'denied', 'other'),
    ('Other - Litigation', 'denied', 'other'),
    ('Request withdrawn', 'withdrawn', null),
    ('Duplicate request', 'excluded', 'duplicate')
)

select
    _row,
    "Tracking Number" || ':received' as event_id,
    "Tracking Number" as request_id,
    'received' as event_type,
    "Submitted Date" as occurred_at,
    "Tracking Number" as subject_ref,
    'access' as right_type,
    null as reason_code
from source
union all
select
    _row,
    "Tracking Number" || ':closed',
    "Tracking Number",
    coalesce(dispositions.event_type, source."Disposition"),
    "Closed Date",
    null,
    null,
    dispositions.reason_code
from source
left join dispositions on source."Disposition" = dispositions.disposition
where "Closed Date" <> ''
