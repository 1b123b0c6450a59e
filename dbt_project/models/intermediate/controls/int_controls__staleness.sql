-- Whether the absence of events of a log in a period is evidenced: each of its sources has a delivery schedule and delivered,
-- if only an empty file, in each expected interval of the period (until as_of).
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

sources as (select * from {{ source('landing', 'sources') }}),

deliveries as (
    select distinct source, landed_at
    from {{ source('landing', 'batches') }}
    cross join instants
    where landed_at <= instants.as_of and landed_again is not true
),

periods as (
    select
        period_grain,
        period_start,
        coalesce(period_start::timestamp at time zone time_zone, timestamptz '0001-01-01 00:00:00+00') as begins_at,
        least(coalesce(period_end::timestamp at time zone time_zone, as_of), as_of) as ends_at
    from {{ ref('int_metrics__periods') }}
    cross join instants
),

-- From each delivery to the next, or to as_of; and, for a period that begins earlier, from its beginning to the first.
intervals as (
    select
        deliveries.source,
        deliveries.landed_at as waited_from,
        coalesce(lead(deliveries.landed_at) over (partition by deliveries.source order by deliveries.landed_at), instants.as_of) as waited_to,
        row_number() over (partition by deliveries.source order by deliveries.landed_at) = 1 as is_first
    from deliveries
    cross join instants
),

by_source as (
    select
        sources.log,
        sources.source,
        periods.period_grain,
        periods.period_start,
        coalesce(
            sources.expect_every_seconds is not null
            and bool_or(intervals.waited_from <= periods.ends_at)
            -- No time has passed since a first delivery that came at as_of itself.
            and coalesce(bool_and(
                epoch(intervals.waited_to - intervals.waited_from) <= sources.expect_every_seconds + coalesce(sources.expect_grace_seconds, 0)
            ) filter (intervals.waited_from < periods.ends_at and intervals.waited_to > periods.begins_at), true)
            and coalesce(bool_and(
                epoch(intervals.waited_from - periods.begins_at) <= sources.expect_every_seconds + coalesce(sources.expect_grace_seconds, 0)
            ) filter (intervals.is_first and periods.period_grain <> 'to_date'), true),
            false
        ) as is_evidenced
    from sources
    cross join periods
    left join intervals on sources.source = intervals.source
    group by sources.log, sources.source, sources.expect_every_seconds, sources.expect_grace_seconds, periods.period_grain, periods.period_start
)

select log, period_grain, period_start, bool_and(is_evidenced) as is_evidenced
from by_source
group by log, period_grain, period_start
