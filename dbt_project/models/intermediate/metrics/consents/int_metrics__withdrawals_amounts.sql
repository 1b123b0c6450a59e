-- How many withdrawals a system confirmed within which bucket of hours, by month of the withdrawal and dimension: hardly two
-- durations are equal, so that a row for each would be as many rows as there are withdrawals. first_amount and last_amount are
-- those of what ended.
{% set dimensions = ['purpose_code', 'source', 'system'] %}
{% set keys = ['withdrawn_month', 'bucket'] %}
with
buckets as (
    {{ duration_buckets(ref('int_metrics__withdrawals_durations'), 'lasted_hours') }}
),

withdrawals as (
    select durations.*, buckets.bucket
    from {{ ref('int_metrics__withdrawals_durations') }} as durations
    inner join buckets on durations.lasted_hours = buckets.lasted_hours and durations.has_ended = buckets.has_ended
)

select
    'withdrawal_hours' as amount_code,
    withdrawn_month as month_start,
    {{ dimension_columns(dimensions) }},
    bucket,
    min(lasted_hours) filter (has_ended) as first_amount,
    max(lasted_hours) filter (has_ended) as last_amount,
    count(*) as units,
    count(*) as determined_units,
    count(*) filter (has_ended) as ended,
    count(*) filter (has_ended) as determined_ended,
from withdrawals
group by {{ dimension_sets(keys, dimensions) }}
