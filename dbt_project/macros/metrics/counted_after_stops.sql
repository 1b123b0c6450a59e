{#-
What was done after a stop, by the right that stops it. Each act that could have been stopped is looked at for each right: that
none was bound by an objection is known of all of them. An act that breaks two stops counts under both rights.
-#}
{% macro counted_after_stops(cases, code, rights) -%}
{%- for right in rights %}
select
    '{{ code }}' as metric_code,
    occurred_month as month_start,
    'right_type' as dimension,
    '{{ right }}' as dimension_value,
    sum(units)::bigint as units,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as numerator,
    0::bigint as denominator,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as judged_numerator,
    0::bigint as judged_denominator,
from {{ cases }}
where dimension = 'all' and ok_not_stopped is not null
group by occurred_month
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
