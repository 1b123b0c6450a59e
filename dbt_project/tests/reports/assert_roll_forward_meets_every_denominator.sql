-- A row here is a figure whose denominator is not the one to which the roll-forward leads: a reader would find two totals.
{% set bridges = {
    'deadline_adherence': 'fell_due',
    'deadline_adherence_strict': 'fell_due_strictly',
    'declared_adherence': 'declared_fell_due',
    'max_achievable_adherence': 'achievable',
    'acknowledgement_adherence': 'ack_fell_due',
    'denial_rate': 'closed',
    'exclusion_rate': 'received',
    'extension_rate': 'received',
} %}
with
figures as (select * from {{ ref('fct_metrics') }} where dimension = 'right_type'),

reached as (
    {%- for metric_code, column in bridges.items() %}
    select '{{ metric_code }}' as metric_code, period_grain, period_start, right_type, {{ column }} as reached
    from {{ ref('rpt_roll_forward') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select reached.*, figures.denominator
from reached
left join figures
    on
        reached.metric_code = figures.metric_code
        and reached.period_grain = figures.period_grain
        and reached.period_start is not distinct from figures.period_start
        and reached.right_type = figures.dimension_value
where reached.reached <> coalesce(figures.denominator, 0)
