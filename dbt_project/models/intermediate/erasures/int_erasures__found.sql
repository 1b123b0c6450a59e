-- What the retention log had of a person when the request for erasure was closed: every record set under any identifier.
with
fulfilled as (select * from {{ ref('int_erasures__fulfilled') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

records as (select * from {{ ref('int_records__timeline') }}),

identifiers as (
    {{ identifiers_of('fulfilled', 'persons') }}
)

select
    fulfilled.request_key,
    records.record_key,
    records.namespace,
    records.record_id,
    records.created_at,
    records.reappeared_at,
    fulfilled.received_at,
    fulfilled.judged_at,
from fulfilled
inner join identifiers on fulfilled.person_key = identifiers.person_key
inner join records on identifiers.subject_key = records.subject_key and fulfilled.closed_at > records.created_at
