-- What rows that moved nothing tell of units that the engine doesn't know: an orphan, a `received` that was refused.
-- A dimension is known only where a `received` says it; null = it may be any.
with
refused as (select * from {{ ref('int_metrics__requests_uncounted_rows') }}),
requests as (select distinct namespace, request_id, right_type from {{ ref('fct_requests') }}),
lone_sources as (
    select namespace
    from {{ source('landing', 'sources') }}
    where log = 'requests'
    group by namespace
    having count(*) = 1
),

of_unknown_units as (
    select refused.*
    from refused
    left join requests as of_the_right
        on
            refused.namespace = of_the_right.namespace
            and refused.request_id = of_the_right.request_id
            and refused.right_type = of_the_right.right_type
    left join (select distinct namespace, request_id from requests) as of_the_case
        on refused.namespace = of_the_case.namespace and refused.request_id = of_the_case.request_id
    where
        of_the_right.request_id is null
        and (refused.right_type is not null or of_the_case.request_id is null or refused.event_type = 'received')
),

rights_told as (
    select distinct namespace, request_id, right_type
    from of_unknown_units
    where request_id is not null and right_type is not null
),

-- A row that names no right belongs to each right that is told of, save a `received`, which may be of another.
standing_alone as (
    select
        rows_told.* replace (coalesce(rows_told.right_type, rights_told.right_type) as right_type),
        coalesce(rows_told.event_type = 'received', true) as may_be_receipt,
        coalesce(rows_told.event_type in ('fulfilled', 'partially_fulfilled', 'denied'), true) as may_be_closing,
        case
            when rows_told.request_id is null then coalesce(rows_told.event_id, rows_told.batch_id || '/' || rows_told.row_number)
        end as row_key
    from of_unknown_units as rows_told
    left join rights_told
        on
            rows_told.right_type is null
            and rows_told.event_type is distinct from 'received'
            and rows_told.namespace = rights_told.namespace
            and rows_told.request_id = rights_told.request_id
)

select
    standing_alone.namespace,
    standing_alone.request_id,
    standing_alone.right_type,
    standing_alone.row_key,
    {%- for dimension in ['jurisdiction', 'channel'] %}
    case
        when
            bool_or(may_be_receipt)
            and bool_and({{ dimension }} is not null) filter (may_be_receipt)
            and min({{ dimension }}) filter (may_be_receipt) = max({{ dimension }}) filter (may_be_receipt)
            then min({{ dimension }}) filter (may_be_receipt)
    end as {{ dimension }},
    {%- endfor %}
    case
        when min(source) = max(source) and (bool_or(may_be_receipt) or bool_or(lone_sources.namespace is not null)) then min(source)
    end as source,
    bool_or(may_be_receipt) and not bool_or(may_be_receipt and earliest_date is null) as has_dated_receipt,
    min(earliest_date) filter (may_be_receipt) as earliest_receipt,
    max(latest_date) filter (may_be_receipt) as latest_receipt,
    bool_or(may_be_closing) as has_closing,
    bool_or(may_be_closing and earliest_date is null) as has_undated_closing,
    min(earliest_date) filter (may_be_closing) as earliest_closing,
    max(latest_date) filter (may_be_closing) as latest_closing
from standing_alone
left join lone_sources on standing_alone.namespace = lone_sources.namespace
group by standing_alone.namespace, standing_alone.request_id, standing_alone.right_type, standing_alone.row_key
