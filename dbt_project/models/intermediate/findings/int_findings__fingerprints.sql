-- Of each entity with findings that follow no changed key, the fingerprint of what these and their ages are computed from, and that
-- of the previous build: where they differ, its findings are replaced. An entity that is gone stays for one build. What is dated after
-- as_of has no age until then.
{% set columns = [
    'finding_code', 'metric_code', 'cause', 'right_type', 'subject_key', 'occurred_at', 'first_seen_at', 'detail', 'source', 'event_id',
    'batch_id', 'row_number', 'places', 'group_of_act', 'severity_of_group',
] %}
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

hashed_rows as (
    select entity, hash({{ columns | join(', ') }}, occurred_at <= instants.as_of)::hugeint as hashed
    from {{ ref('int_findings__others') }}
    cross join instants
    union all
    select entity, hash(finding_code, cause, opened_at, closed_at, opened_at <= instants.as_of)::hugeint
    from {{ ref('int_findings__durations') }}
    cross join instants
    where not {{ is_followed_finding('entity') }}
    union all
    select 'erasures/' || request_key, hash(opened_at, opened_at <= instants.as_of)::hugeint
    from {{ ref('int_findings__erasures_opened') }}
    cross join instants
),

fingerprints as (
    select entity, sum(hashed)::varchar as fingerprint
    from hashed_rows
    group by entity
),

previous_fingerprints as (
    {{ previous_rows('int_findings__fingerprints', {'entity': 'varchar', 'fingerprint': 'varchar'}) }}
)

select
    coalesce(fingerprints.entity, previous.entity) as entity,
    fingerprints.fingerprint,
    previous.fingerprint as previous_fingerprint,
from fingerprints
full join (select * from previous_fingerprints where fingerprint is not null) as previous on fingerprints.entity = previous.entity
