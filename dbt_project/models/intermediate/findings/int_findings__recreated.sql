-- Record sets that were created after an erasure of the person though nothing had been collected since; of several erasures the
-- last one is named.
{% set recreated %}
(
        select records.*, erasures.closed_date
        from {{ ref('int_erasures__created') }} as created
        inner join {{ ref('fct_records') }} as records on created.record_key = records.record_key
        inner join {{ ref('fct_erasures') }} as erasures on created.request_key = erasures.request_key
        where created.is_recreated
        qualify row_number() over (partition by records.record_key order by erasures.closed_at desc, erasures.request_key) = 1
    )
{%- endset %}
{{ findings_of(
    recreated,
    "'retention/' || record_key",
    [{'code': 'record_set_recreated', 'where': 'true', 'detail': ['data_category', 'system', 'created_date', 'closed_date', 'record_count']}],
    occurred_at='created_at',
    places={'data_category': 'data_category', 'purpose_code': 'purpose_code', 'system': 'system', 'source': 'source'},
) }}
