{#- The exact durations in some buckets of slices (int_metrics__survival_percentiles), each with those at risk as it is reached.
`buckets`: a relation with slice_no, bucket, at_risk and determined_at_risk; `columns`: what else of it is kept. -#}
{% macro durations_at_risk(buckets, columns=[]) -%}
{%- set keys = columns + ['slice_no', 'bucket'] -%}
select
            * exclude (at_risk, determined_at_risk),
            at_risk - coalesce(sum(units) over shorter, 0) as at_risk,
            determined_at_risk - coalesce(sum(determined_units) over shorter, 0) as determined_at_risk
        from (
            select
                {% for key in keys + ['at_risk', 'determined_at_risk'] %}buckets.{{ key }}, {% endfor %}
                amounts.amount,
                {%- for column in ['units', 'ended', 'determined_units', 'determined_ended'] %}
                sum(amounts.{{ column }})::bigint as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ buckets }} as buckets
            inner join slices on buckets.slice_no = slices.slice_no
            inner join amounts on slices.month_slice_no = amounts.month_slice_no and buckets.bucket = amounts.bucket
            group by all
        )
        window shorter as (partition by {{ keys | join(', ') }} order by amount rows between unbounded preceding and 1 preceding)
{%- endmacro %}
