-- By how much the record sets that are created or lose records in a month change the number of records, from that month on. A set
-- that is created and deleted in one month does not count at its end, nor one with a deletion before its creation.
{{ config(meta={'maintained': {'over': ['fct_records'], 'sums': ['changes', 'records']}}) }}
{% set changed_by = ['data_category', 'purpose_code', 'system', 'contract', 'source', 'dimensions'] %}
with
records as (
    select
        records.data_category,
        records.purpose_code,
        records.system,
        {{ contract_of('records') }} as contract,
        records.source,
        records.dimensions,
        records.schedule_id is not null as is_scheduled,
        records.record_count,
        coalesce(records.deleted_record_count, 0) as deleted_record_count,
        records.partial_deletions,
        date_trunc('month', records.created_date)::date as first_month,
        date_trunc('month', records.deleted_date)::date as deleted_month,
    from {{ ref('fct_records') }} as records
    where records.deleted_date is null or date_trunc('month', records.deleted_date) > date_trunc('month', records.created_date)
),

changes as (
    select first_month as month_start, is_scheduled, {{ changed_by | join(', ') }}, record_count as change
    from records
    union all
    select deleted_month, is_scheduled, {{ changed_by | join(', ') }}, -deleted_record_count
    from records
    where deleted_month is not null
    union all
    select
        greatest(date_trunc('month', part.deleted_date)::date, first_month) as month_start,
        is_scheduled,
        {{ changed_by | join(', ') }},
        -part.record_count as change,
    from (select *, unnest(partial_deletions) as part from records)
)

select month_start, is_scheduled, {{ changed_by | join(', ') }}, count(*) as changes, coalesce(sum(change), 0)::bigint as records
from changes
group by all
