{#-
What was done after a stop, by the right that stops it. Each act that could have been stopped is looked at for each right: that
none was bound by an objection is known of all of them. An act that breaks two stops counts under both rights. `suspect` says what
can't be judged and counts in the worst case under the rights that may bind it.
-#}
{% macro counted_after_stops(cases, code, rights, suspect='false') -%}
{%- for right in rights %}
select
    '{{ code }}' as metric_code,
    occurred_month as month_start,
    'right_type' as dimension,
    '{{ right }}' as dimension_value,
    coalesce(sum(units) filter (ok_not_stopped is not null), 0)::bigint as units,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as numerator,
    0::bigint as denominator,
    coalesce(sum(units) filter ((not ok_not_stopped or {{ suspect }}) and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as judged_numerator,
    0::bigint as judged_denominator,
from {{ cases }}
where dimension = 'all' and (ok_not_stopped is not null or {{ suspect }})
group by occurred_month
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
