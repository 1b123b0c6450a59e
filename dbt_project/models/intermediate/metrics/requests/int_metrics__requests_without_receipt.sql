-- Requests for which only uncounted rows exist: an orphan, a rejected `received`. A dimension has a value only where a
-- `received` states it; null = it may be any.
with
uncounted_rows as (select * from {{ ref('int_metrics__requests_uncounted_rows') }}),

requests as (select distinct namespace, request_id, right_type from {{ ref('fct_requests') }}),

single_sources as (
    select namespace
    from {{ source('landing', 'sources') }}
    where log = 'requests'
    group by namespace
    having count(*) = 1
),

rows_without_request as (
    select uncounted_rows.*
    from uncounted_rows
    left join requests as of_the_right
        on
            uncounted_rows.namespace = of_the_right.namespace
            and uncounted_rows.request_id = of_the_right.request_id
            and uncounted_rows.right_type = of_the_right.right_type
    left join (select distinct namespace, request_id from requests) as of_the_case
        on uncounted_rows.namespace = of_the_case.namespace and uncounted_rows.request_id = of_the_case.request_id
    where
        of_the_right.request_id is null
        and (uncounted_rows.right_type is not null or of_the_case.request_id is null or uncounted_rows.event_type = 'received')
),

named_rights as (
    select distinct namespace, request_id, right_type
    from rows_without_request
    where request_id is not null and right_type is not null
),

-- A row without a right belongs to each right that another row names, except a `received`, which may be of another right.
unattached_rows as (
    select
        unmatched_rows.* replace (coalesce(unmatched_rows.right_type, named_rights.right_type) as right_type),
        coalesce(unmatched_rows.event_type = 'received', true) as may_be_receipt,
        coalesce(unmatched_rows.event_type in {{ known_codes(event_types('requests', 'answer')) }}, true) as may_be_closing,
        case
            when unmatched_rows.request_id is null then coalesce(unmatched_rows.event_id, unmatched_rows.batch_id || '/' || unmatched_rows.row_number)
        end as row_key
    from rows_without_request as unmatched_rows
    left join named_rights
        on
            unmatched_rows.right_type is null
            and unmatched_rows.event_type is distinct from 'received'
            and unmatched_rows.namespace = named_rights.namespace
            and unmatched_rows.request_id = named_rights.request_id
)

select
    unattached_rows.namespace,
    unattached_rows.request_id,
    unattached_rows.right_type,
    unattached_rows.row_key,
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
        when min(source) = max(source) and (bool_or(may_be_receipt) or bool_or(single_sources.namespace is not null)) then min(source)
    end as source,
    bool_or(may_be_receipt) and not bool_or(may_be_receipt and earliest_date is null) as has_dated_receipt,
    min(earliest_date) filter (may_be_receipt) as earliest_receipt,
    max(latest_date) filter (may_be_receipt) as latest_receipt,
    bool_or(may_be_closing) as has_closing,
    bool_or(may_be_closing and earliest_date is null) as has_undated_closing,
    min(earliest_date) filter (may_be_closing) as earliest_closing,
    max(latest_date) filter (may_be_closing) as latest_closing
from unattached_rows
left join single_sources on unattached_rows.namespace = single_sources.namespace
group by unattached_rows.namespace, unattached_rows.request_id, unattached_rows.right_type, unattached_rows.row_key
