-- Rows by class, by the month in which they landed (organisation's zone), per source and in all. A batch that was landed
-- again is counted once, as it stands now.
{% set logs = contract_logs() %}
{% set counts = {
    'rows_landed': 'landed', 'rows_duplicate': 'duplicate', 'rows_conflicting': 'conflicting', 'rows_quarantined': 'quarantined',
    'late_rows': 'late'
} %}
with
instants as (select * from {{ source('run', 'run_instants') }}),

batches as (
    select
        batches.*,
        date_trunc('month', batches.landed_at at time zone instants.time_zone)::date as landed_month,
        -- What happened before this instant belongs to a month that was closed when the batch landed: a month is closed
        -- on the second day after it, at seven in the morning: a yardstick of the metric, which stays the same when somebody
        -- moves the schedule, so that one month can be compared with another.
        (date_trunc('month', (batches.landed_at at time zone instants.time_zone) - interval '31 hours'))
            at time zone instants.time_zone as closed_before
    from {{ source('landing', 'batches') }} as batches
    cross join instants
    where not batches.superseded
),

batches_with_late_rows as (select batch_id, closed_before from batches where first_event_at < closed_before),

late_counts as (
    {%- for log in logs %}
    select landed.batch_id, count(*) as late
    from {{ source('landing', log) }} as landed
    inner join batches_with_late_rows on landed.batch_id = batches_with_late_rows.batch_id
    where landed.occurred_at < batches_with_late_rows.closed_before
    group by landed.batch_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

by_source as (
    select
        batches.landed_month as month_start,
        {{ dimension_columns(['source']) }},
        {%- for column in counts.values() %}
        coalesce(sum({{ column }}), 0)::bigint as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from batches
    left join late_counts on batches.batch_id = late_counts.batch_id
    group by {{ dimension_sets(['landed_month'], ['source']) }}
)

{% for code, column in counts.items() %}
select
    '{{ code }}' as metric_code,
    month_start,
    dimension,
    dimension_value,
    {{ column }} as units,
    {{ column }} as numerator
from by_source
{{ 'union all' if not loop.last }}
{% endfor %}
