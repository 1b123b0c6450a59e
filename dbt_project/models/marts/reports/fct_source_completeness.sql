-- Per source and day: the control total, the counted events, the rows read, and the missing deliveries. Rows count on the day
-- of their arrival, events on the day of their event time. A control total counts events, because no source can state when its
-- rows arrive.
{% set classes = ['source_rows'] + row_counts()[5:] %}
with
instants as (select as_of, time_zone, cast(timezone(time_zone, as_of) as date) as as_of_date from {{ source('run', 'run_instants') }}),

sources as (select source, log, namespace, expect_every_seconds, sequence_column from {{ ref('int_controls__sources') }}),

-- A batch that was landed again is counted as it stands now.
arrivals as (
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

rejected_files as (
    select rejected_files.source, cast(timezone(instants.time_zone, rejected_files.landed_at) as date) as day, count(*)::bigint as held_back_files
    from {{ source('landing', 'held_back') }} as rejected_files
    cross join instants
    group by all
),

occurred_events as (select source, day, sum(events)::bigint as events from {{ ref('int_evidence__days') }} group by source, day),

uncounted_events as (select * from {{ ref('int_evidence__uncounted_days') }}),

missed_deliveries as (select * from {{ ref('int_deliveries__missed') }}),

-- No control total covers a day that is not over, and none is compared with a day of which landed rows were purged.
totals as (
    select control_totals.source, control_totals.day, control_totals.stated
    from {{ source('landing', 'control_totals') }} as control_totals
    cross join instants
    where control_totals.day < instants.as_of_date and {{ is_fully_retained('control_totals.day') }}
),

counted_elsewhere as (select distinct source from {{ source('landing', 'control_totals') }}),

missing_numbers as (
    select gaps.source, cast(timezone(instants.time_zone, gaps.landed_at) as date) as day, sum(gaps.missing)::bigint as missing
    from {{ source('landing', 'sequence_gaps') }} as gaps
    cross join instants
    group by all
),

-- Every source has a row on the day of as_of.
days as (
    select source, day from arrivals
    union
    select source, day from rejected_files
    union
    select source, day from occurred_events
    union
    select source, day from missed_deliveries
    union
    select source, day from totals
    union
    select source, day from missing_numbers
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
    coalesce(arrivals."read", 0)::bigint as "read",
    (coalesce(occurred_events.events, 0) - totals.stated)::bigint as difference,
    case
        when totals.stated is not null
            then greatest(totals.stated - coalesce(occurred_events.events, 0) - coalesce(uncounted_events.events, 0), 0)
    end::bigint as missing_events,
    case
        when totals.stated is not null then null
        when counted_elsewhere.source is null then 'no_control_total'
        when days.day >= instants.as_of_date then 'day_not_over'
        when not {{ is_fully_retained('days.day') }} then 'rows_purged'
        else 'day_not_stated'
    end as unstated_reason,
    coalesce(arrivals.deliveries, 0)::bigint as deliveries,
    coalesce(rejected_files.held_back_files, 0)::bigint as held_back_files,
    coalesce(arrivals.source_rows, 0)::bigint as source_rows,
    {%- for column in classes[2:] %}
    coalesce(arrivals."{{ column }}", 0)::bigint as {{ column }}_rows,
    {%- endfor %}
    coalesce(occurred_events.events, 0)::bigint as events,
    case when sources.expect_every_seconds is not null then coalesce(missed_deliveries.missed, 0) end::bigint as gaps,
    case when sources.sequence_column is not null then coalesce(missing_numbers.missing, 0) end::bigint as missing_numbers,
    instants.as_of,
from days
cross join instants
left join sources on days.source = sources.source
left join arrivals on days.source = arrivals.source and days.day = arrivals.day
left join rejected_files on days.source = rejected_files.source and days.day = rejected_files.day
left join occurred_events on days.source = occurred_events.source and days.day = occurred_events.day
left join uncounted_events on days.source = uncounted_events.source and days.day = uncounted_events.day
left join missed_deliveries on days.source = missed_deliveries.source and days.day = missed_deliveries.day
left join totals on days.source = totals.source and days.day = totals.day
left join counted_elsewhere on days.source = counted_elsewhere.source
left join missing_numbers on days.source = missing_numbers.source and days.day = missing_numbers.day
