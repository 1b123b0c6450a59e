{#- The regimes whose law is the General Data Protection Regulation: of the Union, and as it lives on in the United Kingdom. -#}
{% macro gdpr_regimes() -%}
('EU_GDPR', 'UK_GDPR')
{%- endmacro %}
