-- Deliveries that a source was expected to make and did not, on the local day on which each fell due. After a delivery the
-- next is due within the interval and its grace, then one more each interval until one comes or as_of is reached.
with
instants as (select as_of, time_zone from {{ source('run', 'run_instants') }}),

sources as (
    select source, expect_every_seconds * 1000000 as every, coalesce(expect_grace_seconds, 0) * 1000000 as grace
    from {{ source('landing', 'sources') }}
    where expect_every_seconds > 0
),

deliveries as (
    select distinct batches.source, batches.landed_at
    from {{ source('landing', 'batches') }} as batches
    cross join instants
    where batches.landed_at <= instants.as_of and batches.landed_again is not true
),

waits as (
    select
        deliveries.source,
        sources.every,
        epoch_us(deliveries.landed_at) + sources.grace as counted_from,
        epoch_us(coalesce(
            lead(deliveries.landed_at) over (partition by deliveries.source order by deliveries.landed_at), instants.as_of
        )) as waited_to,
        instants.time_zone,
    from deliveries
    inner join sources on deliveries.source = sources.source
    cross join instants
),

-- A delivery at the due instant itself is in time.
late_deliveries as (select * from waits where counted_from + every < waited_to),

days as (
    select
        late_deliveries.*,
        unnest(generate_series(
            cast(timezone(time_zone, make_timestamptz(counted_from + every)) as date)::timestamp,
            cast(timezone(time_zone, make_timestamptz(waited_to)) as date)::timestamp,
            interval 1 day
        ))::date as day,
    from late_deliveries
),

day_bounds as (
    select
        *,
        epoch_us({{ day_begins('day', 'time_zone') }}) as begins,
        least(waited_to, epoch_us({{ day_begins('(day + 1)', 'time_zone') }})) as ends,
    from days
)

select
    source,
    day,
    sum(greatest(ends - counted_from - 1, 0) // every - greatest(begins - counted_from - 1, 0) // every)::bigint as missed,
from day_bounds
group by source, day
having missed > 0
