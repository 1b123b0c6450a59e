{#- Each in exactly one status. `records` are those of record_periods, `holds` those of record_holds. -#}
{% macro record_states(records, holds, keys) -%}
with
instants as (select cast(record_due_soon_days as integer) as due_soon_days from {{ source('run', 'run_instants') }}),

records_with_dates as (
    select
        records.*,
        case when holds.moves_delete_by then holds.moved_to else records.unheld_delete_by end as delete_by,
        coalesce(holds.held_days, 0) as held_days,
        coalesce(holds.on_hold, false) as on_hold,
        holds.on_hold is not null as had_hold,
        coalesce(holds.hold_refs, []) as hold_refs,
        coalesce(holds.deleted_under_hold, false) as deleted_under_hold,
        coalesce(holds.holds_not_reviewed, []) as standing_not_reviewed,
        holds.hold_unreviewed_since as standing_unreviewed_since,
        automatic.activity_automatic_at,
        -- Where the period had not begun there is no date yet before which the deletion came too early.
        records.has_minimum and coalesce(records.deleted_at < records.trigger_at, true) as deleted_before_the_trigger,
        instants.due_soon_days,
    from {{ records }} as records
    cross join instants
    left join {{ holds }} as holds on {{ same_record('records', 'holds', keys) }}
    left join {{ ref('int_records__automatic_activities') }} as automatic on {{ same_record('records', 'automatic', record_keys()) }}
),

records_with_status as (
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
            when state_date > delete_by then 'over_retained'
            when state_date >= delete_by - due_soon_days then 'due_soon'
            else 'within_period'
        end as status,
    from records_with_dates
)

select
    * exclude (standing_not_reviewed, standing_unreviewed_since),
    case status
        when 'over_retained' then state_date - delete_by
        when 'deleted_late' then deleted_date - delete_by
    end as over_days,
    deleted_at is null as is_alive,
    -- Undetermined: whether the period should have begun, a hold should have ended, or an automatic job restarts the period. A hold
    -- that is open on delete_by moves it; one that was placed later retains an overdue set.
    coalesce(status = 'not_started' and state_date > trigger_due_by, false) as trigger_overdue,
    case when deleted_at is null then standing_not_reviewed else [] end as holds_not_reviewed,
    case when deleted_at is null then standing_unreviewed_since end as hold_unreviewed_since,
    coalesce(status = 'on_hold' and state_date > delete_by, false) as held_when_overdue,
    coalesce(deleted_at is null and trigger = 'last_activity' and activity_automatic_at <= state_at, false) as activity_looks_automatic,
from records_with_status
{%- endmacro %}
