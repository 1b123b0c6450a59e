-- What each source delivered and whether it delivers as expected at as_of. A batch that was landed again is counted as it
-- stands now; for freshness its first landing is the delivery.
with
instants as (select as_of from {{ source('run', 'run_instants') }}),
batches as (select * from {{ source('landing', 'batches') }}),
expected as (select * from {{ source('landing', 'sources') }}),
held_back as (select source, count(*) as held_back_files from {{ source('landing', 'held_back') }} group by source),
refused as (select source, count(*) as refused_rows from {{ source('landing', 'quarantine') }} group by source),

known_sources as (
    select source, log, namespace from expected
    union
    select source, log, namespace from batches where source not in (select source from expected)
),

-- What landed after as_of belongs to the evidence all the same: knowledge is bounded by known_at.
delivered as (
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
    known_sources.source,
    known_sources.log,
    known_sources.namespace,
    expected.source is not null as is_configured,
    coalesce(delivered.batches, 0) as batches,
    {%- for column in row_counts() %}
    coalesce(delivered."{{ column }}", 0)::bigint as "{{ column }}",
    {%- endfor %}
    coalesce(delivered."read" - (
        delivered.landed + delivered.duplicate + delivered.superseding + delivered.conflicting + delivered.quarantined
    ), 0) as unaccounted_rows,
    coalesce(delivered.source_rows - (
        delivered.mapped + delivered.skipped + delivered.unmapped + delivered.held_back
    ), 0) as unaccounted_source_rows,
    coalesce(refused.refused_rows, 0) as refused_rows,
    -- Each row once, however often it was delivered: repeating a file must not make its rejected rows a smaller share.
    coalesce(delivered."read" - delivered.duplicate - greatest(delivered.quarantined - coalesce(refused.refused_rows, 0), 0), 0)::bigint
        as distinct_rows,
    coalesce(held_back.held_back_files, 0) as held_back_files,
    delivered.first_event_at,
    delivered.last_event_at,
    delivered.last_landed_at,
    expected.expect_every_seconds,
    expected.expect_grace_seconds,
    delivered.last_landed_at + to_seconds(expected.expect_every_seconds + coalesce(expected.expect_grace_seconds, 0)) as next_expected_by,
    case
        when expected.expect_every_seconds is null then 'unknown'
        when delivered.last_landed_at is null or next_expected_by < instants.as_of then 'stale'
        else 'fresh'
    end as freshness,
    coalesce(expected.has_control_total, false) as has_control_total,
    expected.sequence_column,
    expected.declared_due
from known_sources
cross join instants
left join expected on known_sources.source = expected.source
left join delivered on known_sources.source = delivered.source
left join held_back on known_sources.source = held_back.source
left join refused on known_sources.source = refused.source
