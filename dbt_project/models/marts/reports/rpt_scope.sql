-- Which systems and sources the evidence of a period speaks of, and why the others are left out.
{% set naming_a_system = ['requests', 'consents', 'retention', 'processing'] %}
with
instants as (select as_of, cast(timezone(time_zone, as_of) as date) as as_of_date, time_zone from {{ source('run', 'run_instants') }}),

periods as (select * from {{ ref('int_metrics__periods') }}),

sources as (select * from {{ ref('int_controls__sources') }}),

silences as (select * from {{ ref('int_controls__staleness') }}),

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

told as (select * exclude (is_whole) from monthly where is_whole = 1 or system is not null),

named as (select distinct log, source, system from told where system is not null),

-- A log without a source and a system that no event names have a row, too: they are what is out of scope.
subjects as (
    select log, source, null as system from sources
    union all
    select log, null, null from logs where log not in (select log from sources)
    union all
    select log, source, system from named
    union all
    select logs.log, null, systems.system
    from logs
    cross join (select distinct system from systems) as systems
    where
        logs.log in {{ known_codes(naming_a_system) }}
        and not exists (select 1 from named where named.log = logs.log and named.system = systems.system)
),

lives as (
    select log, source, system, min(month_start) as first_month, max(month_start) as last_month
    from told
    group by log, source, system
),

by_period as (
    select
        told.log,
        told.source,
        told.system,
        periods.period_grain,
        periods.period_start,
        sum(told.events)::bigint as events,
        min(told.first_event_at) as first_event_at,
        max(told.last_event_at) as last_event_at,
    from told
    inner join periods
        on periods.period_grain = 'to_date' or (told.month_start >= periods.period_start and told.month_start < periods.period_end)
    group by all
),

registered as (
    select distinct systems.system, periods.period_grain, periods.period_start
    from systems
    inner join periods
        on
            coalesce(systems.valid_from < periods.period_end, true)
            and coalesce(systems.valid_to > periods.period_start, true)
),

placed as (
    select
        subjects.system,
        subjects.log,
        subjects.source,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        case when subjects.system is not null then registered.system is not null end as is_registered,
        coalesce(by_period.events, 0) as events,
        by_period.first_event_at,
        by_period.last_event_at,
        lives.first_month,
        lives.last_month,
        sources.batches,
        sources.freshness,
        cast(timezone(instants.time_zone, sources.last_landed_at) as date) as last_landed_date,
        coalesce(silences.is_evidenced, false) as is_evidenced,
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
    left join lives
        on subjects.log = lives.log and subjects.source = lives.source and subjects.system is not distinct from lives.system
    left join sources on subjects.source = sources.source and subjects.log = sources.log
    left join registered
        on
            subjects.system = registered.system
            and periods.period_grain = registered.period_grain
            and periods.period_start is not distinct from registered.period_start
    left join silences
        on
            subjects.log = silences.log
            and periods.period_grain = silences.period_grain
            and periods.period_start is not distinct from silences.period_start
),

reasoned as (
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
    from placed
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
from reasoned
