{#- The dimension `contract` of a record set: whether a term exists for its contract and category; unknown where the register of terms
does not name its contract at all, so that it may fall under either. -#}
{% macro contract_of(records) -%}
case when {{ records }}.has_contract_term then 'with_terms' when {{ records }}.lacks_contract_terms then 'unknown' else 'without_terms' end
{%- endmacro %}
