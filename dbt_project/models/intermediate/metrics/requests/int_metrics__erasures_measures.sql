-- Completeness of erasures by the month in which they were closed. An erasure of a person whom the retention log does not hold
-- counts in the figure and as missed in the worst case.
{% set dimensions = ['source'] %}
{% set kinds = ['closed_month', 'status'] %}
with
erasures as (
    select date_trunc('month', closed_date)::date as closed_month, status, source
    from {{ ref('fct_erasures') }}
),

erasure_unit_counts as (
    select {{ kinds | join(', ') }}, {{ dimension_columns(dimensions) }}, count(*) as units
    from erasures
    group by {{ dimension_sets(kinds, dimensions) }}
),

figures as (
    {{ measures_by_month(
        'erasure_unit_counts',
        [
            {'code': 'erasure_completeness', 'basis': 'closed', 'denominator': "status in ('complete', 'incomplete')",
             'numerator': "status = 'complete'", 'pending': "status = 'pending'", 'doubtful': "status = 'no_records_found'"},
            {'code': 'erasures_without_records', 'basis': 'closed', 'population': "status <> 'pending'", 'numerator': "status = 'no_records_found'"},
        ],
        {'closed': 'closed_month'},
    ) }}
)

select * from figures
