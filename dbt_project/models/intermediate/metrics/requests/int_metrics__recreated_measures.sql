-- Record sets created after an erasure of the person, by the month of their creation, and those among them that came from nothing.
{% set dimensions = ['data_category', 'purpose_code', 'system', 'source'] %}
{% set kinds = ['created_month', 'is_recreated'] %}
with
created_sets as (
    select record_key, bool_or(is_recreated) as is_recreated
    from {{ ref('int_erasures__created') }}
    group by record_key
),

record_sets as (
    select
        date_trunc('month', records.created_date)::date as created_month,
        created_sets.is_recreated,
        {% for dimension in dimensions %}
        records.{{ dimension }},
        {%- endfor %}
    from created_sets
    inner join {{ ref('fct_records') }} as records on created_sets.record_key = records.record_key
),

record_set_unit_counts as (
    select {{ kinds | join(', ') }}, {{ dimension_columns(dimensions) }}, count(*) as units
    from record_sets
    group by {{ dimension_sets(kinds, dimensions) }}
),

figures as (
    {{ measures_by_month(
        'record_set_unit_counts',
        [{'code': 'record_sets_recreated', 'basis': 'created', 'numerator': 'is_recreated'}],
        {'created': 'created_month'},
    ) }}
)

select * from figures
