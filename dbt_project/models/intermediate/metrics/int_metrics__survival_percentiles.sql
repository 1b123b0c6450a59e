-- Kaplan-Meier percentiles of durations: one that has not ended lasts longer than until now; it is at risk until then and never
-- dropped. In the worst case each undetermined unit lasts longer than all others; worst_value is null where the percentile falls
-- among those. Durations are counted by buckets first: exact ones are needed only of the one in which the percentile lies.
{% set bases = {'value': '', 'worst_value': 'determined_'} %}
{% set counts = ['units', 'ended', 'determined_units', 'determined_ended'] %}
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

amounts as (
    select amounts.*
    from {{ ref('int_metrics__amounts') }} as amounts
    semi join percentiles on amounts.amount_code = percentiles.amount_code
),

-- Of one duration, those that ended apart from those that did not.
separate_amounts as (
    select
        amount_code, month_start, dimension, dimension_value, amount, true as has_ended,
        ended as units, ended, determined_ended as determined_units, determined_ended
    from amounts
    where bucket is null and ended > 0
    union all
    select
        amount_code, month_start, dimension, dimension_value, amount, false,
        units - ended, 0, determined_units - determined_ended, 0
    from amounts
    where bucket is null and units > ended
),

buckets_of_amounts as (
    {{ duration_buckets('separate_amounts', 'amount', partition='amount_code') }}
),

counted_amounts as (
    select separate.* exclude (amount, has_ended), separate.amount as first_amount, separate.amount as last_amount, buckets.bucket
    from separate_amounts as separate
    inner join buckets_of_amounts as buckets
        on separate.amount_code = buckets.amount_code and separate.amount = buckets.amount and separate.has_ended = buckets.has_ended
    union all by name
    select * exclude (amount)
    from amounts
    where bucket is not null
),

buckets_of_months as materialized (
    select
        month_slices.month_slice_no,
        counted_amounts.bucket,
        counted_amounts.first_amount,
        counted_amounts.last_amount,
        {%- for count in counts %}
        counted_amounts.{{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counted_amounts
    inner join (select distinct month_slice_no, amount_code, month_start, dimension, dimension_value from slices) as month_slices
        on
            counted_amounts.amount_code = month_slices.amount_code
            and counted_amounts.month_start is not distinct from month_slices.month_start
            and counted_amounts.dimension = month_slices.dimension
            and counted_amounts.dimension_value = month_slices.dimension_value
),

buckets as (
    select
        slices.slice_no,
        months.bucket,
        {%- for count in counts %}
        sum(months.{{ count }})::bigint as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
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

-- Those at risk while any of a bucket end: what has not ended is the shortest of its bucket.
buckets_at_risk as (
    select
        buckets.*,
        totals.total - buckets.so_far + buckets.ended as at_risk,
        totals.determined_total - buckets.determined_so_far + buckets.determined_ended as determined_at_risk
    from (
        select
            *,
            sum(units) over in_order as so_far,
            sum(determined_units) over in_order as determined_so_far
        from buckets
        window in_order as (partition by slice_no order by bucket rows unbounded preceding)
    ) as buckets
    inner join totals on buckets.slice_no = totals.slice_no
    where buckets.ended > 0
),

-- The shares of those at risk whom the durations of a bucket leave multiply to one fraction.
survival as (
    select
        *,
        {%- for basis in bases.values() %}
        coalesce(lag({{ basis }}still_open) over in_order, 1) as {{ basis }}open_before{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            *,
            {%- for basis in bases.values() %}
            product(1 - {{ basis }}ended / nullif({{ basis }}at_risk, 0)) over in_order as {{ basis }}still_open{{ ',' if not loop.last }}
            {%- endfor %}
        from buckets_at_risk
        window in_order as (partition by slice_no order by bucket rows unbounded preceding)
    )
    window in_order as (partition by slice_no order by bucket)
),

-- The bucket in which each percentile lies; the tolerance is that of sums of floats.
{%- for name, basis in bases.items() %}
{{ name }}_buckets as (
    select
        percentiles.metric_code,
        1 - percentiles.percent / 100 + 1e-9 as limit_open,
        survival.slice_no,
        survival.bucket,
        survival.{{ basis }}at_risk as at_risk,
        survival.{{ basis }}open_before as open_before
    from named_slices
    inner join percentiles on named_slices.amount_code = percentiles.amount_code
    inner join survival on named_slices.slice_no = survival.slice_no
    where survival.{{ basis }}still_open <= limit_open
    qualify row_number() over (partition by percentiles.metric_code, survival.slice_no order by survival.bucket) = 1
),
{% endfor %}
-- The buckets of months that make these up, with a number for each.
wanted_buckets as materialized (
    select slices.slice_no, buckets.bucket, dense_rank() over (order by slices.month_slice_no, buckets.bucket) as wanted_no, slices.month_slice_no
    from (
        select slice_no, bucket from value_buckets
        union
        select slice_no, bucket from worst_value_buckets
    ) as buckets
    inner join slices on buckets.slice_no = slices.slice_no
),

wanted_amounts as materialized (
    select
        wanted_buckets.wanted_no,
        month_slices.month_start,
        month_slices.dimension,
        month_slices.dimension_value,
        months.first_amount,
        months.last_amount,
        months.ended,
        months.determined_ended
    from (select distinct wanted_no, month_slice_no, bucket from wanted_buckets) as wanted_buckets
    inner join buckets_of_months as months on wanted_buckets.month_slice_no = months.month_slice_no and wanted_buckets.bucket = months.bucket
    inner join (select distinct month_slice_no, month_start, dimension, dimension_value from slices) as month_slices
        on months.month_slice_no = month_slices.month_slice_no
    where months.ended > 0
),

withdrawals as materialized (
    select withdrawals.*, floor(withdrawals.lasted_hours) as hour
    from {{ ref('int_metrics__withdrawals_durations') }} as withdrawals
    semi join (select * from wanted_amounts where first_amount < last_amount) as wanted
        on withdrawals.withdrawn_month = wanted.month_start and floor(withdrawals.lasted_hours) = floor(wanted.first_amount)
    where withdrawals.has_ended
),

-- One row per duration that ended.
exact_amounts as (
    select wanted_no, first_amount as amount, number <= determined_ended as is_determined
    from (select *, unnest(generate_series(1, ended)) as number from wanted_amounts where first_amount = last_amount)
    {%- for dimension in ['all', 'purpose_code', 'source', 'system'] %}
    union all
    select wanted.wanted_no, withdrawals.lasted_hours, true
    from withdrawals
    inner join (select * from wanted_amounts where dimension = '{{ dimension }}' and first_amount < last_amount) as wanted
        on
            withdrawals.withdrawn_month = wanted.month_start
            and withdrawals.hour = floor(wanted.first_amount)
            and withdrawals.lasted_hours >= wanted.first_amount
            and withdrawals.lasted_hours <= wanted.last_amount
            {%- if dimension != 'all' %}
            and coalesce(withdrawals.{{ dimension }}, 'unknown') = wanted.dimension_value
            {%- endif %}
    {%- endfor %}
),

-- As many must have ended that no more than the limit are left; sorting them in a list takes less than running sums.
{% for name, basis in bases.items() -%}
{{ name }}_percentiles as (
    select metric_code, slice_no, amounts[least(ended_at_limit, len(amounts))] as {{ name }}
    from (
        select
            buckets.metric_code,
            buckets.slice_no,
            greatest(ceil(any_value(buckets.at_risk * (1 - buckets.limit_open / buckets.open_before)))::bigint, 1) as ended_at_limit,
            list(amounts.amount order by amounts.amount) as amounts
        from {{ name }}_buckets as buckets
        inner join wanted_buckets as wanted on buckets.slice_no = wanted.slice_no and buckets.bucket = wanted.bucket
        inner join exact_amounts as amounts on wanted.wanted_no = amounts.wanted_no
        {%- if basis %}
        where amounts.is_determined
        {%- endif %}
        group by buckets.metric_code, buckets.slice_no
    )
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
