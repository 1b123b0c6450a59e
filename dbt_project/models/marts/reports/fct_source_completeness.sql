-- Of each source and day: what was said that it holds, what was read, and what did not come. Rows are counted on the day on
-- which they arrived, for a delivery states its total as a whole; on the days of their events they are told beside it.
{% set classes = ['source_rows'] + row_counts()[5:] %}
with
instants as (select as_of, time_zone, cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

sources as (select source, log, namespace, expect_every_seconds, has_control_total from {{ ref('int_controls__sources') }}),

-- A batch that was landed again is counted as it stands now.
arrived as (
    select
        batches.source,
        cast(timezone(instants.time_zone, batches.landed_at) as date) as day,
        count(*)::bigint as deliveries,
        {%- for column in classes %}
        coalesce(sum(batches."{{ column }}") filter (not batches.superseded), 0)::bigint as "{{ column }}",
        {%- endfor %}
    from {{ source('landing', 'batches') }} as batches
    cross join instants
    group by all
),

held_back as (
    select held_back.source, cast(timezone(instants.time_zone, held_back.landed_at) as date) as day, count(*)::bigint as held_back_files
    from {{ source('landing', 'held_back') }} as held_back
    cross join instants
    group by all
),

occurred as (select source, day, sum(events)::bigint as events from {{ ref('int_evidence__days') }} group by source, day),

missed as (select * from {{ ref('int_deliveries__missed') }}),

-- A source stands on the day of as_of even if nothing is told of it.
days as (
    select source, day from arrived
    union
    select source, day from held_back
    union
    select source, day from occurred
    union
    select source, day from missed
    union
    select sources.source, instants.as_of_date from sources cross join instants
)

select
    days.source,
    days.day,
    sources.log,
    sources.namespace,
    coalesce(sources.has_control_total, false) as has_control_total,
    cast(null as bigint) as stated,
    coalesce(arrived."read", 0)::bigint as "read",
    cast(null as bigint) as difference,
    'no_control_total' as unstated_reason,
    coalesce(arrived.deliveries, 0)::bigint as deliveries,
    coalesce(held_back.held_back_files, 0)::bigint as held_back_files,
    coalesce(arrived.source_rows, 0)::bigint as source_rows,
    {%- for column in classes[2:] %}
    coalesce(arrived."{{ column }}", 0)::bigint as {{ column }}_rows,
    {%- endfor %}
    coalesce(occurred.events, 0)::bigint as events,
    case when sources.expect_every_seconds is not null then coalesce(missed.missed, 0) end::bigint as gaps,
    instants.as_of,
from days
cross join instants
left join sources on days.source = sources.source
left join arrived on days.source = arrived.source and days.day = arrived.day
left join held_back on days.source = held_back.source and days.day = held_back.day
left join occurred on days.source = occurred.source and days.day = occurred.day
left join missed on days.source = missed.source and days.day = missed.day
