-- Rows that happened in a month that was closed when they landed, per batch. Incremental: counts the batches that landed since the
-- previous build; what was counted of a batch never changes.
{{ config(materialized='incremental', incremental_strategy='append') }}
{% set logs = contract_logs() %}
with
instants as (select * from {{ source('run', 'run_instants') }}),

batches as (
    select
        batches.*,
        -- What happened before this instant belongs to a month that was closed when the batch landed: a month is closed
        -- on the second day after it, at seven in the morning: a yardstick of the metric, which stays the same when somebody
        -- moves the schedule, so that one month can be compared with another.
        (date_trunc('month', (batches.landed_at at time zone instants.time_zone) - interval '31 hours'))
            at time zone instants.time_zone as closed_before
    from {{ source('landing', 'batches') }} as batches
    cross join instants
    where
        not batches.superseded
        {%- if is_incremental_build() %}
        and batches.seq > (select known_seq from {{ source('run', 'build_state') }})
        {%- endif %}
),

batches_with_late_rows as (select batch_id, closed_before from batches where first_event_at < closed_before)

{%- for log in logs %}
select landed.batch_id, count(*) as late
from {{ source('landing', log) }} as landed
inner join batches_with_late_rows on landed.batch_id = batches_with_late_rows.batch_id
where landed.occurred_at < batches_with_late_rows.closed_before
group by landed.batch_id
{{ 'union all' if not loop.last }}
{%- endfor %}
