-- What is wrong with single rows of the requests log: one row per event, or per refused row.
with
events as (select * from {{ ref('stg_requests__events') }}),
conflicts as (select * from {{ ref('stg_requests__conflicts') }}),
batches as (select batch_id, origin_sha256 from {{ source('landing', 'batches') }}),

dated_wrongly as (
    select
        case when {{ is_dated_ahead('events') }} then 'future_event' else 'recorded_before_occurred' end as finding_code,
        *
    from events
    where {{ is_dated_ahead('events') }} or epoch_us(occurred_at) - epoch_us(recorded_at) > 300000000
),

conflicting as (
    select
        namespace,
        event_id,
        any_value(request_id) as request_id,
        max(subject_key) as subject_key,
        max(right_type) as right_type,
        min(occurred_at) as occurred_at,
        count(*) as versions,
        max(revision) as revision,
        max(landed_at) as landed_at,
        max_by({source: source, batch_id: batch_id, row_number: row_number}, (landed_at, batch_id, row_number)) as last_row
    from conflicts
    group by namespace, event_id
)

select
    finding_code,
    'requests/' || namespace || '/' || request_id as entity,
    namespace || '/' || event_id as cause,
    right_type,
    channel,
    subject_key,
    occurred_at,
    to_json({
        event_type: event_type,
        seconds: (epoch_us(occurred_at) - epoch_us(case when finding_code = 'future_event' then landed_at else recorded_at end)) // 1000000
    })::varchar as detail,
    source,
    event_id,
    batch_id,
    row_number
from dated_wrongly
union all
select
    'orphan', 'requests/' || namespace || '/' || request_id, namespace || '/' || event_id, right_type, null, subject_key, occurred_at,
    to_json({event_type: event_type})::varchar, source, event_id, batch_id, row_number
from {{ ref('int_findings__requests_orphans') }}
union all
select
    'conflict', 'requests/' || namespace || '/' || request_id, namespace || '/' || event_id, right_type, null, subject_key, occurred_at,
    to_json({versions: versions, revision: revision})::varchar, last_row.source, event_id, last_row.batch_id, last_row.row_number
from conflicting
union all
select
    'quarantined', 'requests/' || quarantine.namespace, batches.origin_sha256 || '/' || quarantine.row_number, null, null, null, quarantine.occurred_at,
    to_json({reason: quarantine.reason, column_name: quarantine.column_name})::varchar,
    quarantine.source, quarantine.event_id, quarantine.batch_id, quarantine.row_number
from {{ ref('stg_requests__quarantined') }} as quarantine
left join batches on quarantine.batch_id = batches.batch_id
