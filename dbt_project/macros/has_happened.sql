{#- What had happened by as_of. An event dated more than five minutes after it landed moves nothing. -#}
{% macro has_happened(events) -%}
{{ events }}.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
    and not {{ is_dated_ahead(events) }}
{%- endmacro %}
