-- Every rate and count of the requests log by month and dimension: what is in the numerator and the denominator, what of
-- it survives the worst reading (judged_*), what rests on a rule of low confidence, what will fall due later.
{% set measures = request_measures() %}
{% set bases = {
    'due': 'due_month', 'ack_due': 'ack_due_month', 'received': 'received_month', 'closed': 'closed_month', 'none': 'null::date'
} %}
with
cases as (select * from {{ ref('int_metrics__requests_cases') }}),

{% for basis, month in bases.items() %}
by_{{ basis }} as materialized (
    select
        {{ month }} as month_start,
        dimension,
        dimension_value
        {%- for measure in measures if measure.basis == basis %}
        {%- set population = measure.population or 'true' %}
        {%- set denominator = measure.denominator or 'false' %}
        {%- set doubtful = measure.doubtful or 'false' %}
        {%- set judged = "is_judged and status <> 'no_rule'" if measure.by_rule else 'is_judged' %}
        {%- set decisive = denominator if measure.denominator else 'true' %}
        {%- set counts = {
            'units': 'true',
            'denominator': denominator,
            'numerator': measure.numerator,
            'judged_denominator': judged ~ ' and ((' ~ denominator ~ ') or (' ~ doubtful ~ '))',
            'judged_numerator': judged ~ ' and (' ~ measure.numerator ~ ') and not (' ~ doubtful ~ ')',
            'pending': measure.pending or 'false',
            'low_denominator': 'confidence_rank = 1 and (' ~ decisive ~ ')' if measure.by_rule else 'false',
            'low_numerator': 'confidence_rank = 1 and (' ~ measure.numerator ~ ')' if measure.by_rule else 'false',
        } %}
        {%- for column, condition in counts.items() %},
        coalesce(sum(units) filter (({{ population }}) and {{ condition if column == 'units' else '(' ~ condition ~ ')' }}), 0) as {{ measure.code }}__{{ column }}
        {%- endfor %},
        {{ 'min(confidence_rank) filter ((' ~ population ~ ') and (' ~ decisive ~ '))' if measure.by_rule else 'null' }} as {{ measure.code }}__confidence_rank
        {%- endfor %}
    from cases
    group by all
){{ ',' if not loop.last }}
{% endfor %}

{% for measure in measures %}
select
    '{{ measure.code }}' as metric_code,
    month_start,
    dimension,
    dimension_value,
    {%- for column in [
        'units', 'numerator', 'denominator', 'judged_numerator', 'judged_denominator', 'pending', 'low_numerator', 'low_denominator'
    ] %}
    {{ measure.code }}__{{ column }}::bigint as {{ column }},
    {%- endfor %}
    {{ measure.code }}__confidence_rank::integer as confidence_rank
from by_{{ measure.basis }}
where {{ measure.code }}__units > 0
{{ 'union all' if not loop.last }}
{% endfor %}
