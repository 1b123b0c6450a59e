-- The systems and sources in the evidence of a period, and the reason why others are out of scope.
with
instants as (select as_of, cast(timezone(time_zone, as_of) as date) as as_of_date, time_zone from {{ source('run', 'run_instants') }}),

periods as (select * from {{ ref('int_metrics__periods') }}),

sources as (select * from {{ ref('int_controls__sources') }}),

staleness as (select * from {{ ref('int_controls__staleness') }}),

logs as (select log from {{ ref('int_controls__log_verdicts') }}),

systems as (select * from {{ source('pack', 'systems') }}),

-- Of each source as a whole (no system) and of each system that its events name.
monthly as (
    select
        log,
        source,
        system,
        grouping(system) as is_whole,
        date_trunc('month', day)::date as month_start,
        sum(events)::bigint as events,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
    from {{ ref('int_evidence__days') }}
    group by grouping sets ((log, source, system, date_trunc('month', day)), (log, source, date_trunc('month', day)))
),

monthly_events as (select * exclude (is_whole) from monthly where is_whole = 1 or system is not null),

named_systems as (select distinct log, source, system from monthly_events where system is not null),

-- A log without a source and a system that no event names have a row, too: they are what is out of scope.
subjects as (
    select log, source, null as system from sources
    union all
    select log, null, null from logs where log not in (select log from sources)
    union all
    select log, source, system from named_systems
    union all
    select logs.log, null, systems.system
    from logs
    cross join (select distinct system from systems) as systems
    where
        logs.log in {{ known_codes(logs_with_column('system')) }}
        and not exists (select 1 from named_systems where named_systems.log = logs.log and named_systems.system = systems.system)
),

event_ranges as (
    select log, source, system, min(month_start) as first_month, max(month_start) as last_month
    from monthly_events
    group by log, source, system
),

by_period as (
    select
        monthly_events.log,
        monthly_events.source,
        monthly_events.system,
        periods.period_grain,
        periods.period_start,
        sum(monthly_events.events)::bigint as events,
        min(monthly_events.first_event_at) as first_event_at,
        max(monthly_events.last_event_at) as last_event_at,
    from monthly_events
    inner join periods
        on periods.period_grain = 'to_date' or (monthly_events.month_start >= periods.period_start and monthly_events.month_start < periods.period_end)
    group by all
),

registered_systems as (
    select distinct systems.system, periods.period_grain, periods.period_start
    from systems
    inner join periods
        on
            coalesce(systems.valid_from < periods.period_end, true)
            and coalesce(systems.valid_to > periods.period_start, true)
),

scope_rows as (
    select
        subjects.system,
        subjects.log,
        subjects.source,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        case when subjects.system is not null then registered_systems.system is not null end as is_registered,
        coalesce(by_period.events, 0) as events,
        by_period.first_event_at,
        by_period.last_event_at,
        event_ranges.first_month,
        event_ranges.last_month,
        sources.batches,
        sources.freshness,
        cast(timezone(instants.time_zone, sources.last_landed_at) as date) as last_landed_date,
        coalesce(staleness.is_evidenced, false) as is_evidenced,
        exists (select 1 from sources as delivering where delivering.log = subjects.log) as has_source,
        instants.as_of_date,
        instants.as_of,
    from subjects
    cross join periods
    cross join instants
    left join by_period
        on
            subjects.log = by_period.log
            and subjects.source = by_period.source
            and subjects.system is not distinct from by_period.system
            and periods.period_grain = by_period.period_grain
            and periods.period_start is not distinct from by_period.period_start
    left join event_ranges
        on subjects.log = event_ranges.log and subjects.source = event_ranges.source and subjects.system is not distinct from event_ranges.system
    left join sources on subjects.source = sources.source and subjects.log = sources.log
    left join registered_systems
        on
            subjects.system = registered_systems.system
            and periods.period_grain = registered_systems.period_grain
            and periods.period_start is not distinct from registered_systems.period_start
    left join staleness
        on
            subjects.log = staleness.log
            and periods.period_grain = staleness.period_grain
            and periods.period_start is not distinct from staleness.period_start
),

scope_with_reason as (
    select
        *,
        case
            when events > 0 then 'events'
            when not has_source then 'no_source'
            when source is null then 'never_named'
            when coalesce(batches, 0) = 0 then 'never_delivered'
            when system is null and is_evidenced then 'evidenced_silence'
            when freshness = 'stale' and coalesce(period_end, as_of_date) > last_landed_date then 'stale'
            when first_month is null then 'no_event'
            when period_end <= first_month then 'before_first_event'
            when period_start > last_month then 'after_last_event'
            else 'no_event'
        end as reason,
    from scope_rows
)

select
    system,
    log,
    source,
    period_grain,
    period_start,
    period_end,
    is_registered,
    events,
    first_event_at,
    last_event_at,
    reason in ('events', 'evidenced_silence') as in_scope,
    reason,
    as_of,
from scope_with_reason
