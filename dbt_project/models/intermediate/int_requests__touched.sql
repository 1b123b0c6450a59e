-- The requests that a daily build computes again: what newly landed says something about them, or their own future has
-- become past. Empty on a full build, where every request is computed.
{{ config(materialized='table') }}

with
state as (select known_seq, as_of from {{ source('run', 'build_state') }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

new_batches as (
    select batches.batch_id, batches.origin_sha256, batches.source
    from {{ ref('stg_batches') }} as batches
    where batches.log = 'requests' and batches.seq > coalesce((select known_seq from state), -1)
),

-- A batch that was mapped again takes its old rows out of sight, so nobody can say any more which requests they named.
mapped_again as (
    select count(*) > 0 as is_so
    from {{ ref('stg_batches') }} as old
    inner join new_batches using (origin_sha256, source)
    where old.superseded
),

new_rows as (
    select namespace, request_id, event_id, collides
    from {{ source('landing', 'requests') }}
    semi join new_batches using (batch_id)
),

newly_contested as (
    select landed.namespace, landed.request_id
    from {{ source('landing', 'requests') }} as landed
    semi join (select namespace, event_id from new_rows where collides) as contested using (namespace, event_id)
),

newly_past as (
    select namespace, request_id
    from {{ source('landing', 'requests') }}
    where occurred_at > (select as_of from state) and occurred_at <= (select as_of from instants)
),

everything as (
    select namespace, request_id
    from {{ source('landing', 'requests') }}
    where (select is_so from mapped_again)
    union all
    select namespace, request_id
    from ({{ requests_of_the_last_build() }})
    where (select is_so from mapped_again)
),

touched as (
    select namespace, request_id from new_rows
    union
    select namespace, request_id from newly_contested
    union
    select namespace, request_id from newly_past
    union
    select namespace, request_id from everything
)

select namespace, request_id
from touched
{% if not is_daily_build() %}where false{% endif %}
