-- Changed keys: the record sets whose state may differ from the previous build. An event of the set landed or came due, days go
-- by while it is held or overdue, its next date has come, or its system was scanned after its deletion. Empty in a full refresh.
with
instants as (
    select
        cast(timezone(time_zone, as_of) as date) as today,
        time_zone,
        cast(record_due_soon_days as integer) as due_soon_days,
    from {{ source('run', 'run_instants') }}
),

scans as (select * from {{ ref('int_records__scans') }}),

stored_records as (
    {{ previous_rows('fct_records', {
        'record_key': 'varchar', 'system': 'varchar', 'status': 'varchar', 'is_alive': 'boolean', 'on_hold': 'boolean',
        'delete_by': 'date', 'trigger_due_by': 'date', 'trigger_overdue': 'boolean', 'deleted_at': 'timestamptz',
        'deleted_date': 'date', 'scanned_after_deletion': 'boolean',
    }) }}
),

records_with_another_state as (
    select stored_records.record_key
    from stored_records
    cross join instants
    left join scans on stored_records.system = scans.system
    where
        stored_records.on_hold
        or (stored_records.is_alive and stored_records.delete_by < instants.today)
        or (stored_records.status = 'within_period' and stored_records.delete_by - instants.due_soon_days <= instants.today)
        or (stored_records.status = 'not_started' and not stored_records.trigger_overdue and stored_records.trigger_due_by < instants.today)
        or stored_records.scanned_after_deletion
        is distinct from {{ scanned_after_deletion('stored_records', 'scans', 'instants.time_zone') }}
)

select namespace || '/' || record_id as record_key
from {{ ref('int_records__changed') }}
union
select record_key
from records_with_another_state
{% if is_full_refresh() %}where false{% endif %}
