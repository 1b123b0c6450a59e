{#- Whether an event is dated more than five minutes after it landed: a finding that moves nothing. Counted in microseconds,
which is many times cheaper over a whole log than adding an interval to an instant. -#}
{% macro is_dated_ahead(events) -%}
(epoch_us({{ events }}.occurred_at) - epoch_us({{ events }}.landed_at) > 300000000)
{%- endmacro %}
