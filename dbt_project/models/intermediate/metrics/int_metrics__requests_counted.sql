-- Every rate and count of the requests log by month and dimension: what is in the numerator and the denominator, what of
-- it survives the worst reading (judged_*), what rests on a rule of low confidence, what will fall due later.
{% set dimensions = request_dimensions() %}
{% set measures = request_measures() %}
{% set bases = {
    'due': 'due_month', 'ack_due': 'ack_due_month', 'received': 'received_month', 'closed': 'closed_month', 'none': 'null::date'
} %}
with
units as (select * from {{ ref('int_metrics__requests_units') }}),

{% for basis, month in bases.items() %}
by_{{ basis }} as materialized (
    select
        placed_month as month_start,
        {{ dimension_columns(dimensions) }}
        {%- for measure in measures if measure.basis == basis %}
        {%- set population = measure.population or 'true' %}
        {%- set denominator = measure.denominator or 'false' %}
        {%- set doubtful = measure.doubtful or 'false' %}
        {%- set judged = "is_judged and status <> 'no_rule'" if measure.by_rule else 'is_judged' %},
        count_if({{ population }}) as {{ measure.code }}__units,
        count_if(({{ population }}) and ({{ denominator }})) as {{ measure.code }}__denominator,
        count_if(({{ population }}) and ({{ measure.numerator }})) as {{ measure.code }}__numerator,
        count_if(({{ population }}) and {{ judged }} and (({{ denominator }}) or ({{ doubtful }}))) as {{ measure.code }}__judged_denominator,
        count_if(({{ population }}) and {{ judged }} and ({{ measure.numerator }}) and not ({{ doubtful }})) as {{ measure.code }}__judged_numerator,
        {%- if measure.pending %}
        count_if(({{ population }}) and ({{ measure.pending }})) as {{ measure.code }}__pending,
        {%- else %}
        0 as {{ measure.code }}__pending,
        {%- endif %}
        {%- if measure.by_rule %}
        {%- set decisive = denominator if measure.denominator else 'true' %}
        count_if(confidence_rank = 1 and ({{ population }}) and ({{ decisive }})) as {{ measure.code }}__low_denominator,
        count_if(confidence_rank = 1 and ({{ population }}) and ({{ measure.numerator }})) as {{ measure.code }}__low_numerator,
        min(confidence_rank) filter (({{ population }}) and ({{ decisive }})) as {{ measure.code }}__confidence_rank
        {%- else %}
        0 as {{ measure.code }}__low_denominator,
        0 as {{ measure.code }}__low_numerator,
        null::integer as {{ measure.code }}__confidence_rank
        {%- endif %}
        {%- endfor %}
    from (select *, {{ month }} as placed_month from units)
    {%- if basis in ('ack_due', 'closed') %}
    where placed_month is not null
    {%- endif %}
    group by {{ dimension_sets(['placed_month'], dimensions) }}
){{ ',' if not loop.last }}
{% endfor %}

{% for measure in measures %}
select
    '{{ measure.code }}' as metric_code,
    month_start,
    dimension,
    dimension_value,
    {%- for column in ['units', 'numerator', 'denominator', 'judged_numerator', 'judged_denominator', 'pending', 'low_numerator', 'low_denominator'] %}
    {{ measure.code }}__{{ column }}::bigint as {{ column }},
    {%- endfor %}
    {{ measure.code }}__confidence_rank::integer as confidence_rank
from by_{{ measure.basis }}
where {{ measure.code }}__units > 0
{{ 'union all' if not loop.last }}
{% endfor %}
