-- What the retention log had of a person when the request for erasure was closed: every record set under any identifier.
with
erasures as (select * from {{ ref('int_erasures__fulfilled') }}),

persons as (select * from {{ ref('int_persons__resolved') }}),

records as (select * from {{ ref('int_records__timeline') }}),

identifiers as (
    {{ identifiers_of('erasures', 'persons') }}
)

select
    erasures.request_key,
    records.record_key,
    records.namespace,
    records.record_id,
    records.created_at,
    records.reappeared_at,
    erasures.received_at,
    erasures.judged_at,
from erasures
inner join identifiers on erasures.person_key = identifiers.person_key
inner join records on identifiers.subject_key = records.subject_key and erasures.closed_at > records.created_at
