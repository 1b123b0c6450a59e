{#- The rights whose request binds as if it had been granted, once its due date is over without an answer. -#}
{% macro rights_that_bind_unanswered() -%}
{{ return(['erasure', 'objection', 'restriction', 'automated_decision', 'opt_out_sale_share', 'consent_withdrawal']) }}
{%- endmacro %}
