-- Rows of the requests log that do not count, with the range of local dates on which each may have happened (unknown: null). A
-- local date is at most fourteen hours ahead of UTC and twelve behind it.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

conflicts as (
    select 'conflict' as kind, namespace, source, event_id, request_id, right_type, event_type, occurred_at, jurisdiction, channel, batch_id, row_number
    from {{ ref('stg_requests__conflicts') }}
),

-- A value of a rejected row is used where it is a code of the contract.
rejects as (
    select
        'quarantined' as kind,
        namespace,
        source,
        event_id,
        case when column_name is distinct from 'request_id' then request_id end as request_id,
        case when right_type in {{ known_codes(contract_codes('requests', 'right_type')) }} then right_type end as right_type,
        case when event_type in {{ known_codes(request_event_types()) }} then event_type end as event_type,
        occurred_at,
        case when regexp_full_match(jurisdiction, '[A-Z]{2}(-[A-Z0-9]{1,3})?') then jurisdiction end as jurisdiction,
        case when channel in {{ known_codes(contract_codes('requests', 'channel') | reject('equalto', 'unknown')) }} then channel end as channel,
        batch_id,
        row_number
    from {{ source('landing', 'quarantine') }}
    where log = 'requests'
),

orphans as (
    select 'orphan' as kind, namespace, source, event_id, request_id, right_type, event_type, occurred_at, jurisdiction, channel, batch_id, row_number
    from {{ ref('int_findings__requests_orphans') }}
)

select
    uncounted_rows.*,
    (uncounted_rows.occurred_at - interval 12 hour)::date as earliest_date,
    (uncounted_rows.occurred_at + interval 14 hour)::date as latest_date
from (
    select * from conflicts
    union all
    select * from rejects
    union all
    select * from orphans
) as uncounted_rows
cross join instants
where uncounted_rows.occurred_at is null or uncounted_rows.occurred_at <= instants.as_of
