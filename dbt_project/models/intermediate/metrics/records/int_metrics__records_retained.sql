-- Records that existed at each month's end, with and without a schedule, and those retained beyond schedule or possibly so.
{% set dimensions = ['data_category', 'purpose_code', 'system', 'contract', 'source'] %}
{% set changed_by = dimensions + ['dimensions'] %}
with
own_dimensions as (select dimension from {{ ref('int_metrics__own_dimensions') }} where log = 'retention'),

months as (select month_start from {{ ref('int_metrics__months') }}),

overdue_records as (
    select * from {{ ref('int_metrics__records_overdue_without_hold') }}
    union all
    select * from {{ ref('int_metrics__records_overdue_with_hold') }}
    union all
    select record_key, month_start, null as over_days from {{ ref('int_metrics__records_possibly_overdue') }}
),

records as (
    select
        records.record_key,
        records.data_category,
        records.purpose_code,
        records.system,
        {{ contract_of('records') }} as contract,
        records.source,
        records.dimensions,
        records.record_count,
        records.partial_deletions,
    from {{ ref('fct_records') }} as records
    semi join overdue_records on records.record_key = overdue_records.record_key
),

removed_parts as (
    select record_key, date_trunc('month', part.deleted_date)::date as part_month, part.record_count
    from (select record_key, unnest(partial_deletions) as part from records)
),

records_alive as (
    select months.month_start, changes.dimension, changes.dimension_value, sum(changes.scheduled)::bigint as scheduled, sum(changes.unscheduled)::bigint as unscheduled
    from months
    inner join (
        select
            month_start,
            {{ dimension_columns(dimensions) }},
            coalesce(sum(records) filter (is_scheduled), 0) as scheduled,
            coalesce(sum(records) filter (not is_scheduled), 0) as unscheduled,
        from {{ ref('int_metrics__records_changes') }}
        group by {{ dimension_sets(['month_start'], dimensions) }}
        union all
        select
            month_start,
            own_dimensions.dimension,
            {{ own_dimension_value('changes') }},
            coalesce(sum(records) filter (is_scheduled), 0),
            coalesce(sum(records) filter (not is_scheduled), 0),
        from {{ ref('int_metrics__records_changes') }} as changes
        cross join own_dimensions
        group by all
    ) as changes on changes.month_start <= months.month_start
    group by all
),

-- The records of a set that were removed by the end of the month.
removed_counts as (
    select overdue_records.record_key, overdue_records.month_start, sum(removed_parts.record_count)::bigint as records
    from overdue_records
    inner join removed_parts on overdue_records.record_key = removed_parts.record_key and removed_parts.part_month <= overdue_records.month_start
    group by all
),

overdue_sets as (
    select
        overdue_records.month_start,
        overdue_records.over_days,
        {{ changed_by | join(', ') }},
        records.record_count - coalesce(removed_counts.records, 0) as records,
    from overdue_records
    inner join records on overdue_records.record_key = records.record_key
    left join removed_counts on overdue_records.record_key = removed_counts.record_key and overdue_records.month_start = removed_counts.month_start
),

over_retained as (
    select
        month_start,
        {{ dimension_columns(dimensions) }},
        over_days,
        count(*) as sets,
        sum(records)::bigint as records,
    from overdue_sets
    group by {{ dimension_sets(['month_start', 'over_days'], dimensions) }}
    union all
    select
        month_start,
        own_dimensions.dimension,
        {{ own_dimension_value('overdue_sets') }},
        over_days,
        count(*),
        sum(records)::bigint,
    from overdue_sets
    cross join own_dimensions
    group by all
)

select
    month_start,
    dimension,
    dimension_value,
    scheduled,
    unscheduled,
    null::bigint as doubtful,
    null::bigint as over_days,
    null::bigint as over_sets,
    null::bigint as over_records,
from records_alive
where scheduled <> 0 or unscheduled <> 0
union all
select
    month_start, dimension, dimension_value, null, null,
    case when over_days is null then records end,
    over_days,
    case when over_days is not null then sets end,
    case when over_days is not null then records end,
from over_retained
