-- Ends of record sets of a kind, counted, and the records that ended with them.
{% set dimensions = ['data_category', 'purpose_code', 'system', 'contract', 'source'] %}
{% set kinds = ['deleted_month', 'gone_month', 'status', 'has_minimum', 'had_hold', 'scanned_after_deletion'] %}
with
instants as (select time_zone from {{ source('run', 'run_instants') }}),

records as (
    select
        records.* exclude (status),
        records.status,
        case when records.has_contract_term then 'with_terms' else 'without_terms' end as contract,
        date_trunc('month', records.deleted_date)::date as deleted_month,
        -- A set that stays gone speaks for its deletion's month, one that came back for the month in which it did.
        date_trunc(
            'month', coalesce(timezone(instants.time_zone, records.reappeared_at)::date, records.deleted_date)
        )::date as gone_month,
    from {{ ref('fct_records') }} as records
    cross join instants
    where records.deleted_date is not null
),

kinds as (
    select {{ (kinds + dimensions) | join(', ') }}, count(*) as units, sum(record_count) as records
    from records
    group by all
)

select
    {{ kinds | join(',\n    ') }},
    {{ dimension_columns(dimensions) }},
    sum(units)::bigint as units,
    sum(records)::bigint as records,
from kinds
group by {{ dimension_sets(kinds, dimensions) }}
