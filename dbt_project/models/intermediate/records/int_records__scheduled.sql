-- How long each record set must and may be kept, holds left aside: the row of the schedule that governs it, the event from
-- which its period runs, and the contract that shortens it.
{{ config(materialized='table') }}

with
records as (select * from {{ ref('int_records__timeline') }}),

instants as (select * from {{ source('run', 'run_instants') }}),

schedule as (select * from {{ source('pack', 'retention_schedule') }}),

terms as (select * from {{ source('pack', 'contract_terms') }}),

kinds as (
    select distinct data_category, purpose_code, jurisdiction, created_date
    from records
),

-- The most specific row in force. A country's row holds for its parts, unless a part has its own. Which of two periods is
-- the shorter one is counted from the created date; one without an end is the longest.
governing as (
    select
        kinds.*,
        schedule.schedule_id,
        schedule.trigger,
        schedule.min_months,
        schedule.min_days,
        schedule.max_months,
        schedule.max_days,
    from kinds
    inner join schedule
        on
            kinds.data_category = schedule.data_category
            and (schedule.purpose_code is null or kinds.purpose_code = schedule.purpose_code)
            and (schedule.jurisdiction is null or schedule.jurisdiction in (kinds.jurisdiction, split_part(kinds.jurisdiction, '-', 1)))
            and {{ in_force('schedule', 'kinds.created_date') }}
    qualify row_number() over (
        partition by kinds.data_category, kinds.purpose_code, kinds.jurisdiction, kinds.created_date
        order by
            schedule.purpose_code is null,
            schedule.jurisdiction is null,
            length(schedule.jurisdiction) desc,
            schedule.valid_from desc nulls last,
            {{ add_months_and_days('kinds.created_date', 'schedule.max_months', 'schedule.max_days') }} asc nulls last,
            schedule.schedule_id
    ) = 1
),

triggered as (
    select
        records.*,
        governing.schedule_id,
        governing.trigger,
        governing.min_months,
        governing.min_days,
        governing.max_months,
        governing.max_days,
        case governing.trigger
            when 'created' then records.created_at
            when 'last_activity' then coalesce(records.last_activity_at, records.created_at)
            when 'trigger' then records.trigger_event_at
        end as trigger_at,
        terms.contract_ref is not null as has_contract_term,
        terms.max_months as term_months,
        terms.max_days as term_days,
    from records
    left join governing
        on
            records.data_category = governing.data_category
            and records.purpose_code = governing.purpose_code
            and records.jurisdiction is not distinct from governing.jurisdiction
            and records.created_date = governing.created_date
    left join terms
        on
            records.contract_ref = terms.contract_ref
            and records.data_category = terms.data_category
            and {{ in_force('terms', 'records.created_date') }}
),

dated as (
    select
        triggered.*,
        cast(timezone(instants.time_zone, triggered.trigger_at) as date) as trigger_date,
    from triggered
    cross join instants
),

counted as (
    select
        * exclude (min_months, min_days, max_months, max_days, term_months, term_days),
        min_months is not null as has_minimum,
        {{ add_months_and_days('trigger_date', 'min_months', 'min_days') }} as keep_until,
        least(
            {{ add_months_and_days('trigger_date', 'max_months', 'max_days') }},
            {{ add_months_and_days('trigger_date', 'term_months', 'term_days') }}
        ) as end_of_period,
    from dated
)

select
    * exclude (end_of_period),
    case when end_of_period is not null then greatest(end_of_period, keep_until) end as unheld_delete_by,
from counted
