-- Findings of deliveries: rejected files, stale sources, rows that are unaccounted for, days with another count in a control
-- total, gaps in a sequence.
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

sources as (select * from {{ ref('int_controls__sources') }})

select
    'held_back_file' as finding_code,
    'sources/' || source as entity,
    sha256 as cause,
    landed_at as occurred_at,
    landed_at as first_seen_at,
    to_json({reason: reason, rows: "rows", sha256: sha256})::varchar as detail,
    source
from {{ source('landing', 'held_back') }}
union all
select
    'stale_source', 'sources/' || source, source, next_expected_by, last_landed_at,
    to_json({expect_every_seconds: expect_every_seconds, expect_grace_seconds: expect_grace_seconds})::varchar, source
from sources
where freshness = 'stale'
union all
select
    'unbalanced_source', 'sources/' || source, source, null, last_landed_at,
    to_json({unaccounted_rows: unaccounted_rows, unaccounted_source_rows: unaccounted_source_rows})::varchar,
    source
from sources
where unaccounted_rows <> 0 or unaccounted_source_rows <> 0
union all
select
    'control_total_differs', 'sources/' || days.source, days.source || '/' || days.day,
    {{ day_begins('days.day', 'instants.time_zone') }}, totals.landed_at,
    to_json({day: days.day, stated: days.stated, events: days.events, difference: days.difference})::varchar,
    days.source
from {{ ref('fct_source_completeness') }} as days
cross join instants
left join {{ source('landing', 'control_totals') }} as totals on days.source = totals.source and days.day = totals.day
where days.difference <> 0
union all
select
    'sequence_gap', 'sources/' || source, source || '/' || first_missing || '-' || last_missing, null, landed_at,
    to_json({column_name: column_name, first_missing: first_missing, last_missing: last_missing, missing: missing})::varchar,
    source
from {{ source('landing', 'sequence_gaps') }}
