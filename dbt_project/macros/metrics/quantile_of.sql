{#-
A percentile of ordered amounts, by linear interpolation between the two nearest of `units`: of which those beyond the list have
no end, so that there is none where it falls among them. A list counts from 1.
-#}
{% macro quantile_of(amounts, percent, units) -%}
{{ amounts }}[({{ percent }} * ({{ units }} - 1)) // 100 + 1]
        + ({{ amounts }}[({{ percent }} * ({{ units }} - 1) + 99) // 100 + 1] - {{ amounts }}[({{ percent }} * ({{ units }} - 1)) // 100 + 1])
        * (({{ percent }} * ({{ units }} - 1)) % 100 / 100.0)
{%- endmacro %}
