{#- A row here breaks the stated rule. A null verdict counts as broken: a rule that can't be judged is not kept. -#}
{% test is_true_for_every_row(model, expression, column_name=none) %}
select *
from {{ model }}
where not coalesce(({{ expression }}), false)
{% endtest %}
