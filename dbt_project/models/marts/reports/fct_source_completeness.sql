-- Of each source and day: what somebody else counted, what is held of it, what was read, and what did not come. Rows are counted
-- on the day on which they arrived; events on the day on which they happened, and it is they that a control total counts: no
-- source knows when its rows will arrive.
{% set classes = ['source_rows'] + row_counts()[5:] %}
with
instants as (select as_of, time_zone, cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

sources as (select source, log, namespace, expect_every_seconds, sequence_column from {{ ref('int_controls__sources') }}),

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

-- A day that is not over is not counted to its end by anybody.
totals as (
    select control_totals.source, control_totals.day, control_totals.stated
    from {{ source('landing', 'control_totals') }} as control_totals
    cross join instants
    where control_totals.day < instants.as_of_date
),

counted_elsewhere as (select distinct source from {{ source('landing', 'control_totals') }}),

missing as (
    select gaps.source, cast(timezone(instants.time_zone, gaps.landed_at) as date) as day, sum(gaps.missing)::bigint as missing
    from {{ source('landing', 'sequence_gaps') }} as gaps
    cross join instants
    group by all
),

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
    select source, day from totals
    union
    select source, day from missing
    union
    select sources.source, instants.as_of_date from sources cross join instants
)

select
    days.source,
    days.day,
    sources.log,
    sources.namespace,
    totals.stated is not null as has_control_total,
    totals.stated,
    coalesce(arrived."read", 0)::bigint as "read",
    (coalesce(occurred.events, 0) - totals.stated)::bigint as difference,
    case
        when totals.stated is not null then null
        when counted_elsewhere.source is null then 'no_control_total'
        when days.day >= instants.as_of_date then 'day_not_over'
        else 'day_not_stated'
    end as unstated_reason,
    coalesce(arrived.deliveries, 0)::bigint as deliveries,
    coalesce(held_back.held_back_files, 0)::bigint as held_back_files,
    coalesce(arrived.source_rows, 0)::bigint as source_rows,
    {%- for column in classes[2:] %}
    coalesce(arrived."{{ column }}", 0)::bigint as {{ column }}_rows,
    {%- endfor %}
    coalesce(occurred.events, 0)::bigint as events,
    case when sources.expect_every_seconds is not null then coalesce(missed.missed, 0) end::bigint as gaps,
    case when sources.sequence_column is not null then coalesce(missing.missing, 0) end::bigint as missing_numbers,
    instants.as_of,
from days
cross join instants
left join sources on days.source = sources.source
left join arrived on days.source = arrived.source and days.day = arrived.day
left join held_back on days.source = held_back.source and days.day = held_back.day
left join occurred on days.source = occurred.source and days.day = occurred.day
left join missed on days.source = missed.source and days.day = missed.day
left join totals on days.source = totals.source and days.day = totals.day
left join counted_elsewhere on days.source = counted_elsewhere.source
left join missing on days.source = missing.source and days.day = missing.day
