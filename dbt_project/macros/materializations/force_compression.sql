{#-
How DuckDB compresses what is written next. Left to itself it tries every way on each column, which for a stage table that
the next build replaces, or for a gigabyte of sentences, takes longer than making it. Says nothing about content.
-#}
{% macro force_compression(compression) -%}
{{ return("pragma force_compression = '" ~ compression ~ "'") }}
{%- endmacro %}
