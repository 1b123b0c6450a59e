{#-
Rates and counts by month and dimension, from cases: a relation of (months, what the measures ask, dimension, dimension_value,
units). One loop over measures, which are data (request_measures() says what each field means). Beside those:

weight       the column to add up instead of `units`
suspect      those that are counted at worst alone, where more is worse
judges       those of a count's population that can be judged; none = all
bases        which column places a unit, by the name that a measure calls it
judged       which cases survive the worst reading; judged_by_rule: the same where a rule decides

Of each measure: what is in the numerator and the denominator, what of it survives the worst reading (judged_*), what will
fall due later (pending) and what rests on a rule of low confidence (low_*).
-#}
{% macro counted(cases, measures, bases, judged='true', judged_by_rule='true') -%}
with
cases as (select * from {{ cases }}),

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
        {%- set surviving = judged_by_rule if measure.by_rule else judged %}
        {%- set decisive = denominator if measure.denominator else 'true' %}
        {%- set conditions = {
            'units': measure.judges or 'true',
            'denominator': denominator,
            'numerator': measure.numerator,
            'judged_denominator': surviving ~ ' and ((' ~ denominator ~ ') or (' ~ doubtful ~ '))',
            'judged_numerator': surviving ~ ' and ((' ~ measure.numerator ~ ') and not (' ~ doubtful ~ ') or (' ~ (measure.suspect or 'false') ~ '))',
            'pending': measure.pending or 'false',
            'low_denominator': 'confidence_rank = 1 and (' ~ decisive ~ ')' if measure.by_rule else 'false',
            'low_numerator': 'confidence_rank = 1 and (' ~ measure.numerator ~ ')' if measure.by_rule else 'false',
        } %}
        {%- for column, condition in conditions.items() %},
        coalesce(sum({{ 'units' if column == 'units' else measure.weight or 'units' }}) filter (({{ population }}) and ({{ condition }})), 0) as {{ measure.code }}__{{ column }}
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
where {{ measure.code }}__units + {{ measure.code }}__judged_denominator + {{ measure.code }}__judged_numerator > 0
{{ 'union all' if not loop.last }}
{% endfor %}
{%- endmacro %}
