-- Rows by class, by the month in which they landed (organisation's zone), per source and in all. A batch that was landed
-- again is counted once, as it stands now.
{% set counts = {
    'rows_landed': 'landed', 'rows_duplicate': 'duplicate', 'rows_conflicting': 'conflicting', 'rows_quarantined': 'quarantined',
    'late_rows': 'late'
} %}
with
instants as (select * from {{ source('run', 'run_instants') }}),

batches as (
    select
        batches.*,
        date_trunc('month', batches.landed_at at time zone instants.time_zone)::date as landed_month
    from {{ source('landing', 'batches') }} as batches
    cross join instants
    where not batches.superseded
),

late_counts as (select * from {{ ref('int_metrics__late_rows') }}),

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
