-- Undetermined and missing units per period and dimension value; a null value counts for each value. A period counts a unit
-- once, however many of its months are possible.
{#- No row states a severity or when an acceptance expires: an undetermined act may be about any. -#}
{% set of_groups = ['severity', 'expiry'] %}
{% set dimensions = evidence_dimensions() + of_groups %}
{% set logs = evidence_of_logs() %}
with
-- A missing event may be about as many records or persons as the log contract allows.
missing_events as (
    select
        log,
        log in {{ known_codes(logs | selectattr('life', 'defined') | map(attribute='log')) }} as is_life,
        month_start as first_month,
        month_start as last_month,
        source,
        events as units,
        case
            when log in {{ known_codes(logs | selectattr('weight', 'defined') | map(attribute='log')) }}
                then least(events, 1000) * {{ greatest_count() }}
            else events
        end as weight
    from {{ ref('int_metrics__missing_events') }}
    where log in {{ known_codes(logs | map(attribute='log')) }}
),

events as (
    select *, 1 as units from {{ ref('int_metrics__undetermined_events') }}
    union all by name
    select * from missing_events
),

periods as (select * from {{ ref('int_metrics__periods') }}),

own_dimensions as (select distinct dimension from {{ ref('int_metrics__own_dimensions') }}),

month_ranges as (
    select *, units as weight, {% for dimension in of_groups %}null::varchar as {{ dimension }}{{ ', ' if not loop.last }}{% endfor %} from {{ ref('int_metrics__requests_undetermined') }}
    union all by name
    select 'evidence' as kind, log || ' since' as basis, first_month, null::date as last_month, * exclude (log, is_life, unit_key, first_month, last_month)
    from events
    union all by name
    select 'evidence' as kind, log || ' at' as basis, * exclude (log, is_life, unit_key)
    from events
    where not is_life
),

by_dimension as (
    select basis, kind, first_month, last_month, 'all' as dimension, 'all' as dimension_value, sum(units) as units, sum(weight) as weight
    from month_ranges
    group by all
    {%- for dimension in dimensions %}
    union all
    select basis, kind, first_month, last_month, '{{ dimension }}', {{ dimension }}, sum(units), sum(weight)
    from month_ranges
    group by all
    {%- endfor %}
    union all
    select
        month_ranges.basis,
        month_ranges.kind,
        month_ranges.first_month,
        month_ranges.last_month,
        own_dimensions.dimension,
        case when month_ranges.dimensions is not null then {{ own_dimension_value('month_ranges') }} end,
        sum(month_ranges.units),
        sum(month_ranges.weight)
    from month_ranges
    cross join own_dimensions
    group by all
)

select
    by_dimension.basis,
    periods.period_grain,
    periods.period_start,
    by_dimension.dimension,
    by_dimension.dimension_value,
    coalesce(sum(by_dimension.units) filter (by_dimension.kind = 'evidence'), 0)::bigint as evidence_units,
    coalesce(sum(by_dimension.weight) filter (by_dimension.kind = 'evidence'), 0)::bigint as evidence_weight,
    coalesce(sum(by_dimension.units) filter (by_dimension.kind = 'no_rule'), 0)::bigint as no_rule_units,
    coalesce(sum(by_dimension.units) filter (by_dimension.kind = 'undated'), 0)::bigint as undated_units
from by_dimension
inner join periods
    on
        periods.period_grain = 'to_date'
        or (
            (by_dimension.first_month is null or by_dimension.first_month < periods.period_end)
            and (by_dimension.last_month is null or by_dimension.last_month >= periods.period_start)
            and by_dimension.basis <> 'none'
        )
group by all
