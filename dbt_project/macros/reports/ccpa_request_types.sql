{#-
The request types of 11 CCR 7102(a)(1), in its order and in the words of the regulation, and the rights of the log contract
that are each of them: what a person asks to be given in a portable form is a request to know (Cal. Civ. Code 1798.130). What was
sold or shared and to whom (1798.115) is one too, by the regulation's definition (7001); businesses publish it as a figure of its
own, so it is a type of its own, and 7102's requests to know are both together.
-#}
{% macro ccpa_request_types() -%}
{{ return([
    {'type': 'request_to_delete', 'rights': ['erasure']},
    {'type': 'request_to_correct', 'rights': ['rectification']},
    {'type': 'request_to_know', 'rights': ['access', 'portability']},
    {'type': 'request_to_know_sold_or_shared', 'rights': ['know_sold_shared']},
    {'type': 'request_to_opt_out_of_sale_sharing', 'rights': ['opt_out_sale_share']},
    {'type': 'request_to_limit', 'rights': ['limit_sensitive']},
]) }}
{%- endmacro %}

{#- The request type that a right is; null where the regulation counts none of that kind. -#}
{% macro ccpa_request_type_of(right_type) -%}
case
        {%- for item in ccpa_request_types() %}
        when {{ right_type }} in {{ known_codes(item.rights) }} then '{{ item.type }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- The grounds of a denial in the contract; a denial without one of them counts under other grounds. -#}
{% macro denial_grounds() -%}
{{ return([
    'identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data', 'third_party_rights', 'legal_obligation',
]) }}
{%- endmacro %}
