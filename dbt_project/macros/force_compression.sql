{#-
Sets how DuckDB compresses the next table. By default it tries every method on each column, which for a table that the next build
replaces, or for a gigabyte of sentences, takes longer than computing it. The content does not change.
-#}
{% macro force_compression(compression) -%}
{{ return("pragma force_compression = '" ~ compression ~ "'") }}
{%- endmacro %}
