-- How many records were alive at the end of each month, with and without a schedule, and how many of them were
-- kept too long or, for all that anybody can say, may have been.
{% set dimensions = ['data_category', 'purpose_code', 'system', 'contract', 'source'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),
months as (select month_start from {{ ref('int_metrics__months') }}),

records as (
    select
        records.record_key,
        records.data_category,
        records.purpose_code,
        records.system,
        {{ contract_of('records') }} as contract,
        records.source,
        records.schedule_id is not null as is_scheduled,
        records.record_count,
        coalesce(records.deleted_record_count, 0) as deleted_record_count,
        records.partial_deletions,
        date_trunc('month', timezone(instants.time_zone, records.created_at))::date as first_month,
        date_trunc('month', records.deleted_date)::date as deleted_month,
    from {{ ref('fct_records') }} as records
    cross join instants
),

parts as (
    select record_key, first_month, date_trunc('month', part.deleted_date)::date as part_month, part.record_count
    from (select record_key, first_month, unnest(partial_deletions) as part from records)
),

-- What is created and deleted in one month leaves no trace at its end, nor does what is told to have been deleted before.
changes as (
    select month_start, is_scheduled, {{ dimensions | join(', ') }}, sum(change)::bigint as records
    from (
        select first_month as month_start, is_scheduled, {{ dimensions | join(', ') }}, record_count as change
        from records
        where deleted_month is null or deleted_month > first_month
        union all
        select deleted_month, is_scheduled, {{ dimensions | join(', ') }}, -deleted_record_count
        from records
        where deleted_month > first_month
        union all
        select greatest(parts.part_month, parts.first_month), is_scheduled, {{ dimensions | join(', ') }}, -parts.record_count
        from parts
        inner join records on parts.record_key = records.record_key
        where records.deleted_month is null or records.deleted_month > records.first_month
    )
    group by all
),

alive as (
    select months.month_start, changes.dimension, changes.dimension_value, sum(changes.scheduled)::bigint as scheduled, sum(changes.unscheduled)::bigint as unscheduled
    from months
    inner join (
        select
            month_start,
            {{ dimension_columns(dimensions) }},
            coalesce(sum(records) filter (is_scheduled), 0) as scheduled,
            coalesce(sum(records) filter (not is_scheduled), 0) as unscheduled,
        from changes
        group by {{ dimension_sets(['month_start'], dimensions) }}
    ) as changes on changes.month_start <= months.month_start
    group by all
),

over as (
    select * from {{ ref('int_metrics__records_overdue_without_hold') }}
    union all
    select * from {{ ref('int_metrics__records_overdue_with_hold') }}
    union all
    select record_key, month_start, null as over_days from {{ ref('int_metrics__records_possibly_overdue') }}
),

-- What had been removed of a set by the end of the month.
removed as (
    select over.record_key, over.month_start, sum(parts.record_count)::bigint as records
    from over
    inner join parts on over.record_key = parts.record_key and parts.part_month <= over.month_start
    group by all
),

over_retained as (
    select
        over.month_start,
        {{ dimension_columns(dimensions) }},
        over.over_days,
        count(*) as sets,
        sum(records.record_count - coalesce(removed.records, 0))::bigint as records,
    from over
    inner join records on over.record_key = records.record_key
    left join removed on over.record_key = removed.record_key and over.month_start = removed.month_start
    group by {{ dimension_sets(['over.month_start', 'over.over_days'], dimensions) }}
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
from alive
where scheduled <> 0 or unscheduled <> 0
union all
select
    month_start, dimension, dimension_value, null, null,
    case when over_days is null then records end,
    over_days,
    case when over_days is not null then sets end,
    case when over_days is not null then records end,
from over_retained
