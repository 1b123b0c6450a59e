-- Kaplan-Meier percentiles of durations: one that has not ended lasts longer than until now; it is at risk until then and never
-- dropped. In the worst case each undetermined unit lasts longer than all others; worst_value is null where the percentile falls
-- among those. Durations are counted by whole hours or days first: exact ones are needed only of a bucket in which some ended
-- and others did not, and of the one in which the percentile lies.
{% set bases = {'value': '', 'worst_value': 'determined_'} %}
with
percentiles (metric_code, amount_code, percent) as (
    values
    ('km_median_days_open', 'days_open', 50),
    ('forwarding_p95_hours', 'forwarding_hours', 95),
    ('withdrawal_propagation_p50_hours', 'withdrawal_hours', 50),
    ('withdrawal_propagation_p95_hours', 'withdrawal_hours', 95)
),

slices as (
    select *
    from {{ ref('int_metrics__amount_slices') }} as slices
    semi join percentiles on slices.amount_code = percentiles.amount_code
),

named_slices as (
    select distinct * exclude (month_slice_no, month_start)
    from slices
),

amounts as materialized (
    select
        month_slices.month_slice_no,
        floor(amounts.amount)::bigint as bucket,
        amounts.amount,
        amounts.units,
        amounts.ended,
        amounts.determined_units,
        amounts.determined_ended
    from {{ ref('int_metrics__amounts') }} as amounts
    inner join (select distinct month_slice_no, amount_code, month_start, dimension, dimension_value from slices) as month_slices
        on
            amounts.amount_code = month_slices.amount_code
            and amounts.month_start is not distinct from month_slices.month_start
            and amounts.dimension = month_slices.dimension
            and amounts.dimension_value = month_slices.dimension_value
),

buckets_of_months as (
    select
        month_slice_no,
        bucket,
        min(amount) as first_amount,
        max(amount) as last_amount,
        sum(units)::bigint as units,
        sum(ended)::bigint as ended,
        sum(determined_units)::bigint as determined_units,
        sum(determined_ended)::bigint as determined_ended
    from amounts
    group by month_slice_no, bucket
),

buckets as (
    select
        slices.slice_no,
        months.bucket,
        min(months.first_amount) = max(months.last_amount) as is_one_amount,
        sum(months.units)::bigint as units,
        sum(months.ended)::bigint as ended,
        sum(months.determined_units)::bigint as determined_units,
        sum(months.determined_ended)::bigint as determined_ended
    from buckets_of_months as months
    inner join slices on months.month_slice_no = slices.month_slice_no
    group by slices.slice_no, months.bucket
),

totals as (
    select
        buckets.slice_no,
        sum(buckets.units) as total,
        sum(buckets.determined_units) + any_value(named_slices.unjudged_units) as determined_total
    from buckets
    inner join named_slices on buckets.slice_no = named_slices.slice_no
    group by buckets.slice_no
),

-- Those at risk as a bucket begins, of each bucket in which any ended.
buckets_at_risk as materialized (
    select
        buckets.*,
        totals.total - buckets.so_far as at_risk,
        totals.determined_total - buckets.determined_so_far as determined_at_risk,
        not buckets.is_one_amount
        and (buckets.ended not in (0, buckets.units) or buckets.determined_ended not in (0, buckets.determined_units)) as is_mixed
    from (
        select
            *,
            sum(units) over in_order - units as so_far,
            sum(determined_units) over in_order - determined_units as determined_so_far
        from buckets
        window in_order as (partition by slice_no order by bucket)
    ) as buckets
    inner join totals on buckets.slice_no = totals.slice_no
    where buckets.ended > 0
),

-- The share of those at risk whom each duration of a mixed bucket leaves.
mixed_buckets as (
    select
        slice_no,
        bucket,
        product(1 - ended / at_risk) as still_open,
        product(case when determined_units = 0 then 1 else 1 - determined_ended / determined_at_risk end) as determined_still_open
    from ({{ durations_at_risk('(select * from buckets_at_risk where is_mixed)') }}) as durations
    group by slice_no, bucket
),

-- Where all of a bucket ended, or all of its durations are equal, the shares of its durations multiply to one fraction.
survival as (
    select
        buckets.*,
        {%- for basis in bases.values() %}
        coalesce(product({{ basis }}bucket_still_open) over earlier_buckets, 1) as {{ basis }}open_before,
        product({{ basis }}bucket_still_open) over buckets_so_far as {{ basis }}still_open{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            buckets_at_risk.*,
            coalesce(mixed_buckets.still_open, 1 - buckets_at_risk.ended / buckets_at_risk.at_risk) as bucket_still_open,
            coalesce(
                mixed_buckets.determined_still_open,
                case
                    when buckets_at_risk.determined_units = 0 then 1
                    else 1 - buckets_at_risk.determined_ended / buckets_at_risk.determined_at_risk
                end
            ) as determined_bucket_still_open
        from buckets_at_risk
        left join mixed_buckets on buckets_at_risk.slice_no = mixed_buckets.slice_no and buckets_at_risk.bucket = mixed_buckets.bucket
    ) as buckets
    window
        buckets_so_far as (partition by slice_no order by bucket),
        earlier_buckets as (partition by slice_no order by bucket rows between unbounded preceding and 1 preceding)
),

-- The bucket in which each percentile lies; the tolerance is that of sums of floats.
{%- for name, basis in bases.items() %}
{{ name }}_buckets as (
    select
        percentiles.metric_code,
        1 - percentiles.percent / 100 + 1e-9 as limit_open,
        survival.*
    from named_slices
    inner join percentiles on named_slices.amount_code = percentiles.amount_code
    inner join survival on named_slices.slice_no = survival.slice_no
    where survival.{{ basis }}still_open <= limit_open
    qualify row_number() over (partition by percentiles.metric_code, survival.slice_no order by survival.bucket) = 1
),

{{ name }}_percentiles as (
    select metric_code, slice_no, coalesce(min(amount) filter (still_open <= limit_open), max(amount)) as {{ name }}
    from (
        select
            *,
            {{ basis }}open_before * product(
                case when {{ basis }}units = 0 then 1 else 1 - {{ basis }}ended / {{ basis }}at_risk end
            ) over (partition by metric_code, slice_no order by amount) as still_open
        from ({{ durations_at_risk(name ~ '_buckets', ['metric_code', 'limit_open', basis ~ 'open_before']) }}) as durations
    )
    where {{ basis }}ended > 0
    group by metric_code, slice_no
){{ ',' if not loop.last }}

{% endfor -%}
select
    percentiles.metric_code,
    named_slices.period_grain,
    named_slices.period_start,
    named_slices.dimension,
    named_slices.dimension_value,
    totals.total as units,
    value_percentiles.value,
    worst_value_percentiles.worst_value
from named_slices
inner join percentiles on named_slices.amount_code = percentiles.amount_code
inner join totals on named_slices.slice_no = totals.slice_no
left join value_percentiles
    on percentiles.metric_code = value_percentiles.metric_code and named_slices.slice_no = value_percentiles.slice_no
left join worst_value_percentiles
    on percentiles.metric_code = worst_value_percentiles.metric_code and named_slices.slice_no = worst_value_percentiles.slice_no
