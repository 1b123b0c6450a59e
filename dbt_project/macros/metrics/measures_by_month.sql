{#-
Rates and counts by month and dimension, from unit counts: a relation of (months, what the measures ask, dimension, dimension_value,
units). One loop over measures, which are data (request_measures() documents each field). Further arguments:

weight       the column to add up instead of `units`
suspect      units that count only in the worst case, where more is worse
assessable   units of a count's population that can be assessed; none = all
bases        the column that assigns a unit to a month, by the measure's name for it
determined   the units that the worst case keeps; determined_by_rule: the same where a rule decides

Columns per measure: numerator and denominator, both in the worst case before undetermined units are added (determined_*), units that
fall due later (pending), and units that rest on a rule of low confidence (low_*).
-#}
{% macro measures_by_month(unit_counts, measures, bases, determined='true', determined_by_rule='true') -%}
with
unit_counts as (select * from {{ unit_counts }}),

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
        {%- set surviving = determined_by_rule if measure.by_rule else determined %}
        {%- set decisive = denominator if measure.denominator else 'true' %}
        {%- set conditions = {
            'units': measure.assessable or 'true',
            'denominator': denominator,
            'numerator': measure.numerator,
            'determined_denominator': surviving ~ ' and ((' ~ denominator ~ ') or (' ~ doubtful ~ '))',
            'determined_numerator': surviving ~ ' and ((' ~ measure.numerator ~ ') and not (' ~ doubtful ~ ') or (' ~ (measure.suspect or 'false') ~ '))',
            'pending': measure.pending or 'false',
            'low_denominator': 'confidence_rank = 1 and (' ~ decisive ~ ')' if measure.by_rule else 'false',
            'low_numerator': 'confidence_rank = 1 and (' ~ measure.numerator ~ ')' if measure.by_rule else 'false',
        } %}
        {%- for column, condition in conditions.items() %},
        coalesce(sum({{ 'units' if column == 'units' else measure.weight or 'units' }}) filter (({{ population }}) and ({{ condition }})), 0) as {{ measure.code }}__{{ column }}
        {%- endfor %},
        {{ 'min(confidence_rank) filter ((' ~ population ~ ') and (' ~ decisive ~ '))' if measure.by_rule else 'null' }} as {{ measure.code }}__confidence_rank
        {%- endfor %}
    from unit_counts
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
        'units', 'numerator', 'denominator', 'determined_numerator', 'determined_denominator', 'pending', 'low_numerator', 'low_denominator'
    ] %}
    {{ measure.code }}__{{ column }}::bigint as {{ column }},
    {%- endfor %}
    {{ measure.code }}__confidence_rank::integer as confidence_rank
from by_{{ measure.basis }}
where {{ measure.code }}__units + {{ measure.code }}__determined_denominator + {{ measure.code }}__determined_numerator > 0
{{ 'union all' if not loop.last }}
{% endfor %}
{%- endmacro %}
