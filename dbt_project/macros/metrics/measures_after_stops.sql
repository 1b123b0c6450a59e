{#- Whether an act was done while a stop of one of these rights was in force for the person. -#}
{% macro is_at_risk(rights) -%}
list_has_any(stops_in_force, {{ text_list(rights) }})
{%- endmacro %}

{#-
Processing after opt-out or objection, by right: of the acts while a stop of that right was in force for the person, whatever it
covers, those that it covers. An act against two stops counts under both rights. An undetermined act counts in the worst case under the
rights that may cover it, and so does an act that is `suspect` under a right.
-#}
{% macro measures_after_stops(unit_counts, code, rights, suspect={}) -%}
{%- for right in rights %}
select
    '{{ code }}' as metric_code,
    occurred_month as month_start,
    'right_type' as dimension,
    '{{ right }}' as dimension_value,
    coalesce(sum(units) filter (ok_not_stopped is not null and {{ is_at_risk([right]) }}), 0)::bigint as units,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}')), 0)::bigint as numerator,
    0::bigint as denominator,
    coalesce(sum(units) filter (not ok_not_stopped and list_contains(stopped_right_types, '{{ right }}') or list_contains(possible_stop_right_types, '{{ right }}') or {{ suspect.get(right, 'false') }}), 0)::bigint as determined_numerator,
    0::bigint as determined_denominator,
from {{ unit_counts }}
where dimension = 'all' and {{ is_at_risk([right]) }}
group by occurred_month
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
