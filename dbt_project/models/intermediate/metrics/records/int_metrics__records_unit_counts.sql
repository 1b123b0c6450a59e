-- Ends of record sets, counted by kind, and the records that ended with them.
{{ config(meta={'maintained': {'over': ['fct_records'], 'sums': ['units', 'records']}}) }}
{% set dimensions = ['data_category', 'purpose_code', 'system', 'contract', 'source'] %}
{% set counted_by = dimensions + ['dimensions'] %}
{% set kinds = ['deleted_month', 'gone_month', 'status', 'has_minimum', 'had_hold', 'scanned_after_deletion'] %}
with
own_dimensions as (select dimension from {{ ref('int_metrics__own_dimensions') }} where log = 'retention'),

instants as (select time_zone from {{ source('run', 'run_instants') }}),

records as (
    select
        records.* exclude (status),
        records.status,
        {{ contract_of('records') }} as contract,
        date_trunc('month', records.deleted_date)::date as deleted_month,
        -- A set that stays deleted counts in the month of its deletion, one that reappeared in the month of its return.
        date_trunc(
            'month', coalesce(timezone(instants.time_zone, records.reappeared_at)::date, records.deleted_date)
        )::date as gone_month,
    from {{ ref('fct_records') }} as records
    cross join instants
    where records.deleted_date is not null or len(records.partial_deletions) > 0
),

-- Each removal is a case of its own, whole or not.
removals as (
    select {{ (kinds + counted_by) | join(', ') }}, deleted_record_count as record_count
    from records
    where deleted_date is not null
    union all
    select {{ (kinds + counted_by) | join(', ') }}, record_count
    from (
        select
            * exclude (deleted_month, gone_month, status, scanned_after_deletion, record_count),
            date_trunc('month', part.deleted_date)::date as deleted_month,
            null::date as gone_month,
            part.status as status,
            null::boolean as scanned_after_deletion,
            part.record_count as record_count,
        from (select *, unnest(partial_deletions) as part from records)
    )
),

kinds as (
    select {{ (kinds + counted_by) | join(', ') }}, count(*) as units, coalesce(sum(record_count), 0) as records
    from removals
    group by all
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
    sum(records)::bigint as records,
from kinds
group by {{ dimension_sets(kinds, dimensions) }}
union all
select
    {{ kinds | join(',\n    ') }},
    own_dimensions.dimension,
    {{ own_dimension_value('kinds') }},
    sum(units)::bigint,
    sum(records)::bigint,
from kinds
cross join own_dimensions
group by all
