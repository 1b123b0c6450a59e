-- Every record set in exactly one status at as_of. Days are whole local dates of the organisation.
with
records as (select * from {{ ref('int_records__scheduled') }}),

held as (select * from {{ ref('int_records__held') }}),

states as (
    {{ record_states('records', 'held', record_keys()) }}
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
from states
