-- The row of the retention schedule that governs a kind of record sets that were created on one day.
with
records as (select * from {{ ref('int_records__timeline') }}),

schedule as (select * from {{ source('pack', 'retention_schedule') }}),

kinds as (
    select distinct data_category, purpose_code, jurisdiction, created_date
    from records
),

-- The most specific row in force. A country's row holds for its parts, unless a part has its own. Which of two periods is
-- the shorter one is counted from the created date; one without an end is the longest. Ten years is how long the event is awaited
-- from which a period runs, where the row sets no other limit.
governing as (
    select
        kinds.*,
        schedule.schedule_id,
        schedule.trigger,
        schedule.min_months,
        schedule.min_days,
        schedule.max_months,
        schedule.max_days,
        coalesce(schedule.max_wait_months, 120) as wait_months,
        coalesce(schedule.max_wait_days, 0) as wait_days,
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
)

select * from governing
