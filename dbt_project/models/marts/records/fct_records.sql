-- Every record set in exactly one status at as_of. Days are whole local dates of the organisation. Incremental by record set:
-- recomputes those whose state may have changed.
{%- if not execute %}
-- depends_on: {{ ref('int_record_states__changed') }} {{ ref('int_records__recomputed') }} {{ ref('int_records__scheduled') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_record_states__changed': ['record_key']}},
) }}
with
records as (
    select *
    from {{ ref('int_records__recomputed' if is_incremental_build() else 'int_records__scheduled') }}
),

hold_effects as (select * from {{ ref('int_records__hold_effects') }}),

scans as (select * from {{ ref('int_records__scans') }}),

-- Few sets went in parts.
parts as (
    select
        namespace,
        record_id,
        sum(records_deleted) as records_deleted,
        list(
            {
                'deleted_at': deleted_at, 'deleted_date': deleted_date, 'event_type': deletion_event_type,
                'record_count': records_deleted, 'status': status, 'over_days': over_days
            }
            order by deleted_at, deletion_event_type = 'anonymised', event_id
        ) as partial_deletions,
    from {{ ref('int_records__partial_deletion_states') }}
    group by namespace, record_id
),

instants as (select time_zone from {{ source('run', 'run_instants') }}),

declared as (
    {{ purposes_on(ref('int_records__timeline'), day='created_date') }}
),

states as (
    {{ record_states('records', 'hold_effects', record_keys()) }}
),

states_with_scans as (
    select
        states.*,
        {{ scanned_after_deletion('states', 'scans', 'instants.time_zone') }} as scanned_after_deletion,
        case when states.deleted_at is not null then states.record_count - cast(coalesce(parts.records_deleted, 0) as bigint) end as deleted_record_count,
        coalesce(parts.partial_deletions, []) as partial_deletions,
    from states
    cross join instants
    left join scans on states.system = scans.system
    left join parts on states.namespace = parts.namespace and states.record_id = parts.record_id
)

select
    record_key,
    namespace,
    record_id,
    subject_key,
    system,
    data_category,
    purpose_code,
    jurisdiction,
    contract_ref,
    record_count,
    created_at,
    created_date,
    schedule_id,
    trigger,
    trigger_at,
    trigger_date,
    keep_until,
    delete_by,
    has_contract_term,
    held_days,
    on_hold,
    hold_refs,
    deleted_at,
    deleted_date,
    deletion_event_type,
    reappeared_at,
    status,
    over_days,
    is_alive,
    source,
    event_id,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    unheld_delete_by,
    has_minimum,
    had_hold,
    scanned_after_deletion,
    is_declared as purpose_declared,
    records_left,
    deleted_record_count,
    partial_deletions,
    lacks_contract_terms,
    trigger_due_by,
    trigger_overdue,
    holds_not_reviewed,
    hold_unreviewed_since,
    held_when_overdue,
    activity_automatic_at,
    activity_looks_automatic,
    dimensions,
from states_with_scans
left join declared using (created_date, purpose_code)
