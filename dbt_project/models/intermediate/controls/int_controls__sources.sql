-- What each source delivered and whether it delivers as expected at as_of. A batch that was landed again is counted as it
-- stands now; for freshness its first landing is the delivery.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),

batches as (select * from {{ source('landing', 'batches') }}),

configured_sources as (select * from {{ source('landing', 'sources') }}),

rejected_files as (
    select
        source,
        count(*) as held_back_files,
        count(*) filter (is_replaced is not true) as unread_files,
        min(landed_at) filter (reason = 'source_not_read') as unread_since,
    from {{ source('landing', 'held_back') }}
    group by source
),

rejected_rows as (select source, count(*) as refused_rows from {{ source('landing', 'quarantine') }} group by source),

all_sources as (
    select source, log, namespace from configured_sources
    union
    select source, log, namespace from batches where source not in (select source from configured_sources)
),

-- Rows that landed after as_of are evidence as well: known_at bounds the record time.
deliveries as (
    select
        source,
        count(*) filter (not superseded) as batches,
        max(landed_at) filter (landed_again is not true) as last_landed_at,
        min(first_event_at) filter (not superseded) as first_event_at,
        max(last_event_at) filter (not superseded) as last_event_at,
        {%- for column in row_counts() %}
        coalesce(sum("{{ column }}") filter (not superseded), 0)::bigint as "{{ column }}"{{ ',' if not loop.last }}
        {%- endfor %}
    from batches
    group by source
)

select
    all_sources.source,
    all_sources.log,
    all_sources.namespace,
    configured_sources.source is not null as is_configured,
    coalesce(deliveries.batches, 0) as batches,
    {%- for column in row_counts() %}
    coalesce(deliveries."{{ column }}", 0)::bigint as "{{ column }}",
    {%- endfor %}
    coalesce(deliveries."read" - (
        deliveries.landed + deliveries.duplicate + deliveries.superseding + deliveries.conflicting + deliveries.quarantined
    ), 0) as unaccounted_rows,
    coalesce(deliveries.source_rows - (
        deliveries.mapped + deliveries.skipped + deliveries.unmapped + deliveries.held_back
    ), 0) as unaccounted_source_rows,
    coalesce(rejected_rows.refused_rows, 0) as refused_rows,
    -- Each row once, however often it was delivered: repeating a file must not make its rejected rows a smaller share.
    coalesce(deliveries."read" - deliveries.duplicate - greatest(deliveries.quarantined - coalesce(rejected_rows.refused_rows, 0), 0), 0)::bigint
        as distinct_rows,
    coalesce(rejected_files.held_back_files, 0) as held_back_files,
    coalesce(rejected_files.unread_files, 0) as unread_files,
    rejected_files.unread_since,
    deliveries.first_event_at,
    deliveries.last_event_at,
    deliveries.last_landed_at,
    configured_sources.expect_every_seconds,
    configured_sources.expect_grace_seconds,
    deliveries.last_landed_at + to_seconds(configured_sources.expect_every_seconds + coalesce(configured_sources.expect_grace_seconds, 0)) as next_expected_by,
    case
        when configured_sources.expect_every_seconds is null then 'unknown'
        when deliveries.last_landed_at is null or next_expected_by < instants.as_of then 'stale'
        else 'fresh'
    end as freshness,
    coalesce(configured_sources.has_control_total, false) as has_control_total,
    configured_sources.sequence_column,
    configured_sources.declared_due
from all_sources
cross join instants
left join configured_sources on all_sources.source = configured_sources.source
left join deliveries on all_sources.source = deliveries.source
left join rejected_files on all_sources.source = rejected_files.source
left join rejected_rows on all_sources.source = rejected_rows.source
