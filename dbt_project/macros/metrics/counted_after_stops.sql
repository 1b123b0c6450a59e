{#- Whether an act was done while a stop of one of these rights was in force for the person. -#}
{% macro is_at_risk(rights) -%}
list_has_any(stops_in_force, {{ text_list(rights) }})
{%- endmacro %}

{#-
What was done after a stop, by the right that stops it: of the acts while a stop of that right was in force for the person, whatever
it covers, those that it binds. An act that breaks two stops counts under both rights. What
can't be judged counts in the worst case under the rights that may bind it, and so does what is `suspect` under a right.
-#}
{% macro counted_after_stops(cases, code, rights, suspect={}) -%}
{%- for right in rights %}
select
    '{{ code }}' as metric_code,
    occurred_month as month_start,
    'right_type' as dimension,
    '{{ right }}' as dimension_value,
    coalesce(sum(units) filter (ok_not_stopped is not null and {{ is_at_risk([right]) }}), 0)::bigint as units,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as numerator,
    0::bigint as denominator,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}') or list_contains(possible_stop_right_types, '{{ right }}') or {{ suspect.get(right, 'false') }}), 0)::bigint as judged_numerator,
    0::bigint as judged_denominator,
from {{ cases }}
where dimension = 'all' and {{ is_at_risk([right]) }}
group by occurred_month
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
