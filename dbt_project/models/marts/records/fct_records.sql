-- Every record set in exactly one status at as_of. Days are whole local dates of the organisation.
with
records as (select * from {{ ref('int_records__scheduled') }}),

held as (select * from {{ ref('int_records__held') }}),

instants as (
    select
        cast(timezone(time_zone, as_of) as date) as as_of_date,
        cast(record_due_soon_days as integer) as due_soon_days,
    from {{ source('run', 'run_instants') }}
),

dated as (
    select
        records.*,
        case when held.moves_delete_by then held.moved_to else records.unheld_delete_by end as delete_by,
        coalesce(held.held_days, 0) as held_days,
        coalesce(held.on_hold, false) as on_hold,
        coalesce(held.deleted_under_hold, false) as deleted_under_hold,
        -- Where the period had not begun there is no date yet before which the deletion came too early.
        records.has_minimum and coalesce(records.deleted_at < records.trigger_at, true) as deleted_before_the_trigger,
        instants.as_of_date,
        instants.due_soon_days,
    from records
    cross join instants
    left join held on records.namespace = held.namespace and records.record_id = held.record_id
),

judged as (
    select
        *,
        case
            when reappeared_at is not null then 'reappeared'
            when deleted_under_hold then 'deleted_under_hold'
            when schedule_id is null then 'unscheduled'
            when deleted_at is not null and (deleted_date < keep_until or deleted_before_the_trigger) then 'deleted_early'
            when deleted_date > delete_by then 'deleted_late'
            when deleted_at is not null then 'deleted_on_time'
            when on_hold then 'on_hold'
            when trigger_at is null then 'not_started'
            when as_of_date > delete_by then 'over_retained'
            when as_of_date >= delete_by - due_soon_days then 'due_soon'
            else 'within_period'
        end as status,
    from dated
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
    deleted_at,
    deleted_date,
    deletion_event_type,
    reappeared_at,
    status,
    case status
        when 'over_retained' then as_of_date - delete_by
        when 'deleted_late' then deleted_date - delete_by
    end as over_days,
    deleted_at is null as is_alive,
    source,
    event_id,
    batch_id,
    row_number,
    -- Beyond the published minimum.
    unheld_delete_by,
from judged
