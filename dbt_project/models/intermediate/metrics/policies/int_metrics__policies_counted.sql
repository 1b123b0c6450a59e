-- How many persons were told of a material change before it took effect, and how many versions show a wrong date, by month.
-- A change that nobody was told of has no audience: it is one person who was not told, and at worst as many as the largest
-- audience that any version had. A publication of unknown materiality is none of them, and in the worst case one
-- of which nobody was notified. A published version without a stated date has a wrong one in the worst case.
{% set dimensions = ['source'] %}
with
largest as (
    select greatest(coalesce(max(audience_size), 1), 1) as audience_size from {{ ref('fct_policy_versions') }}
),

versions as (
    select
        versions.source,
        date_trunc('month', versions.effective_date)::date as effective_month,
        date_trunc('month', versions.published_date)::date as published_month,
        versions.last_updated_matches,
        coalesce(versions.material, versions.published_at is null) and versions.effective_date is not null as is_change,
        versions.material is null and versions.published_at is not null and versions.effective_date is not null as may_be_change,
        versions.notified_before_effective_count as told,
        coalesce(versions.audience_size, 1) as audience,
        coalesce(versions.audience_size, largest.audience_size) as worst_audience,
    from {{ ref('fct_policy_versions') }} as versions
    cross join largest
),

told as (
    select
        'policy_change_notice_coverage' as metric_code,
        effective_month as month_start,
        {{ dimension_columns(dimensions) }},
        count(*) filter (is_change) as units,
        coalesce(sum(told) filter (is_change), 0)::bigint as numerator,
        coalesce(sum(audience) filter (is_change), 0)::bigint as denominator,
        coalesce(sum(told) filter (is_change), 0)::bigint as judged_numerator,
        sum(worst_audience)::bigint as judged_denominator,
    from versions
    where is_change or may_be_change
    group by {{ dimension_sets(['effective_month'], dimensions) }}
),

dated as (
    select
        'policy_date_mismatch_count' as metric_code,
        published_month as month_start,
        {{ dimension_columns(dimensions) }},
        count(last_updated_matches) as units,
        count(*) filter (not last_updated_matches) as numerator,
        count(*) filter (last_updated_matches is not true) as judged_numerator,
    from versions
    where published_month is not null
    group by {{ dimension_sets(['published_month'], dimensions) }}
)

select * from told
union all by name
select * from dated
