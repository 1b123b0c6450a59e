-- Findings of single rows of every log: one row per event, or per rejected row.
{% set logs = contract_logs() %}
with
{% for log in logs %}
{%- set life = life_column(log) %}
{%- set subject_key = 'subject_key' if has_column(log, 'subject_ref') else 'null::varchar' %}
{{ log }}_conflicting as (
    select
        'conflict' as finding_code,
        '{{ log }}/' || namespace || '/' || any_value({{ life }}) as entity,
        namespace || '/' || event_id as cause,
        max({{ subject_key }}) as subject_key,
        min(occurred_at) as occurred_at,
        to_json({versions: count(*), revision: max(revision)})::varchar as detail,
        max_by({source: source, batch_id: batch_id, row_number: row_number}, (landed_at, batch_id, row_number)) as last_row,
        event_id,
    from {{ ref('stg_' ~ log ~ '__versions') }}
    where verdict = 'conflicts'
    group by namespace, event_id
),

{% endfor %}

rejects as (
    select
        'quarantined' as finding_code,
        quarantine.log || '/' || quarantine.namespace as entity,
        quarantine.content_hash as cause,
        quarantine.occurred_at,
        to_json({reason: quarantine.reason, column_name: quarantine.column_name})::varchar as detail,
        quarantine.source,
        quarantine.event_id,
        quarantine.batch_id,
        quarantine.row_number,
    from {{ source('landing', 'quarantine') }} as quarantine
),

orphans as (
    select
        coalesce(finding_code, 'orphan') as finding_code,
        log || '/' || namespace || '/' || life_id as entity,
        namespace || '/' || event_id as cause,
        subject_key,
        occurred_at,
        to_json({event_type: event_type})::varchar as detail,
        source,
        event_id,
        batch_id,
        row_number,
    from {{ ref('int_findings__orphans') }}
)

select * exclude (log, namespace) from {{ ref('int_findings__implausible_dates') }}
union all by name
{% for log in logs %}
select * exclude (last_row), last_row.source, last_row.batch_id, last_row.row_number from {{ log }}_conflicting
union all by name
{% endfor %}
select * from rejects
union all by name
select * from orphans
