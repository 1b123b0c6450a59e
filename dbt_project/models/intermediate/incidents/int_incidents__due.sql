-- The instant by which each recipient of a notification must be notified of an incident, where a rule was in force on the day
-- of its detection. Hours run on instants: no weekend, holiday or change of clocks moves them. Days are whole local days after
-- that of the detection, to the end of the last. A period that runs from the notification of the persons begins with it, or
-- when their own is over, so that a missing notification gains no time.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

rules as (select * from {{ source('pack', 'notification_periods') }}),

holidays as (select calendar, day from {{ source('pack', 'holidays') }}),

incidents as (
    select
        timelines.namespace,
        timelines.incident_id,
        timelines.jurisdiction,
        timelines.affected_subjects,
        timelines.detected_at,
        timelines.subjects_notified_at,
        cast(timezone(instants.time_zone, timelines.detected_at) as date) as detected_date,
        instants.time_zone,
    from {{ ref('int_incidents__timeline') }} as timelines
    cross join instants
),

-- A place's own rule, else that of the group that it is a member of, else its country's. Places that a pack invents (ZZ-...) have
-- no country. Where the number of affected persons is unknown, a rule with a minimum number applies.
governing_rules as (
    select
        incidents.*,
        rules.whom,
        rules.period_n,
        rules.period_unit,
        rules.calendar,
        rules.runs_from is not distinct from 'subjects_notified' as runs_from_notification,
        rules.citation,
    from incidents
    inner join rules
        on
            (
                incidents.jurisdiction = rules.jurisdiction
                or (split_part(incidents.jurisdiction, '-', 1) = rules.jurisdiction and not starts_with(incidents.jurisdiction, 'ZZ-'))
            )
            and {{ in_force('rules', 'incidents.detected_date') }}
            and coalesce(incidents.affected_subjects > rules.more_than, true)
    qualify row_number() over (
        partition by incidents.namespace, incidents.incident_id, rules.whom
        order by rules.jurisdiction <> incidents.jurisdiction, rules.is_group
    ) = 1
),

-- Working days are Monday to Friday without the holidays of the rule's calendar; three times as many days hold enough of them.
days_after as (
    select
        detected_date,
        calendar,
        period_n,
        detected_date + cast(unnest(generate_series(1, 3 * period_n + 40)) as integer) as day,
    from (select distinct detected_date, calendar, period_n from governing_rules where period_unit = 'business_day')
),

working_days as (
    select
        days_after.*,
        row_number() over (partition by days_after.detected_date, days_after.calendar, days_after.period_n order by days_after.day) as number,
    from days_after
    anti join holidays on days_after.calendar = holidays.calendar and days_after.day = holidays.day
    where isodow(days_after.day) < 6
),

last_days as (
    select
        governing_rules.*,
        case governing_rules.period_unit
            when 'day' then governing_rules.detected_date + cast(governing_rules.period_n as integer)
            when 'business_day' then working_days.day
        end as due_date,
    from governing_rules
    left join working_days
        on
            governing_rules.period_unit = 'business_day'
            and governing_rules.detected_date = working_days.detected_date
            and governing_rules.calendar is not distinct from working_days.calendar
            and governing_rules.period_n = working_days.period_n
            and working_days.number = governing_rules.period_n
),

-- As if each ran from the detection.
due_dates as (
    select
        *,
        {{ notification_ends('detected_at', 'due_date') }} as due_at,
    from last_days
),

periods_from_notification as (
    select due_dates.*, greatest(due_dates.detected_at, least(due_dates.subjects_notified_at, persons.due_at)) as begins_at
    from due_dates
    left join due_dates as persons
        on due_dates.namespace = persons.namespace and due_dates.incident_id = persons.incident_id and persons.whom = 'persons'
    where due_dates.runs_from_notification and coalesce(due_dates.subjects_notified_at, persons.due_at) is not null
)

select
    namespace,
    incident_id,
    whom,
    period_n,
    period_unit,
    citation,
    due_at,
from due_dates
where not runs_from_notification
union all
select
    namespace,
    incident_id,
    whom,
    period_n,
    period_unit,
    citation,
    {{ notification_ends('begins_at', '(cast(timezone(time_zone, begins_at) as date) + cast(period_n as integer))') }} as due_at,
from periods_from_notification
