{#-
Whether all logs of a period that begins on a day are still there: rows deleted under our own retention are missing before
run_instants.kept_from, and a figure of such a period would be incomplete. The published figure stays in the history.
-#}
{% macro is_fully_retained(first_day) -%}
coalesce({{ first_day }} >= (select kept_from from {{ source('run', 'run_instants') }}), true)
{%- endmacro %}
