{#- How many records or persons a rejected row may be about, of which nobody can read it: the greatest count of the log contract. -#}
{% macro greatest_count() %}100000000000{% endmacro %}
