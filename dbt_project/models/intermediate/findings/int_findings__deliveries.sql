-- What is wrong with deliveries: files held back whole, sources that fell silent, rows that are not accounted for.
with
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
