-- How many of those concerned by a material change were notified before it took effect, and how many versions show a wrong date,
-- by month. A change of which nobody was notified weighs its whole audience; one whose audience no notice states can't be weighed:
-- it is in neither number and counted in unweighed_units. A publication of unknown materiality is no change, and in the worst
-- case one of which nobody was notified. A published version without a stated date has a wrong one in the worst case.
{% set dimensions = ['source'] %}
with
versions as (
    select
        source,
        date_trunc('month', effective_date)::date as effective_month,
        date_trunc('month', published_date)::date as published_month,
        last_updated_matches,
        coalesce(material, published_at is null) and effective_date is not null as is_change,
        material is null and published_at is not null and effective_date is not null as may_be_change,
        notified_before_effective_count as notified,
        audience_size,
    from {{ ref('fct_policy_versions') }}
),

change_notices as (
    select
        'policy_change_notice_coverage' as metric_code,
        effective_month as month_start,
        {{ dimension_columns(dimensions) }},
        count(*) filter (is_change) as units,
        coalesce(sum(notified) filter (is_change), 0)::bigint as numerator,
        coalesce(sum(audience_size) filter (is_change), 0)::bigint as denominator,
        coalesce(sum(notified) filter (is_change), 0)::bigint as determined_numerator,
        coalesce(sum(audience_size), 0)::bigint as determined_denominator,
        count(*) filter (audience_size is null) as unweighed_units,
    from versions
    where is_change or may_be_change
    group by {{ dimension_sets(['effective_month'], dimensions) }}
),

date_mismatches as (
    select
        'policy_date_mismatch_count' as metric_code,
        published_month as month_start,
        {{ dimension_columns(dimensions) }},
        count(last_updated_matches) as units,
        count(*) filter (not last_updated_matches) as numerator,
        count(*) filter (last_updated_matches is not true) as determined_numerator,
    from versions
    where published_month is not null
    group by {{ dimension_sets(['published_month'], dimensions) }}
)

select * from change_notices
union all by name
select * from date_mismatches
