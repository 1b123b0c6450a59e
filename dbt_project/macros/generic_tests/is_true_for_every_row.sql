{#- A row here breaks the stated rule. A null counts as broken: a rule without a result does not hold. -#}
{% test is_true_for_every_row(model, expression, column_name=none) %}
select *
from {{ model }}
where not coalesce(({{ expression }}), false)
{% endtest %}
