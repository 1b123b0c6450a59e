{#-
The days of waits that had no effect until `until`, each once: the spans that ended, and one that began on `since` (or null)
and goes on, less the days that lie in both. What is asked or answered after the answer is no pause.
-#}
{% macro days_without_effect(spans, since, until) -%}
cast(
    coalesce(list_sum(list_transform(
        {{ spans }},
        lambda span: greatest(0, least(span.last_day, {{ until }}) - span.first_day + 1)
    )), 0)
    + case
        when {{ since }} <= {{ until }}
            then {{ until }} - {{ since }} + 1 - coalesce(list_sum(list_transform(
                {{ spans }},
                lambda span: greatest(0, least(span.last_day, {{ until }}) - greatest(span.first_day, {{ since }}) + 1)
            )), 0)
        else 0
    end as integer
)
{%- endmacro %}
