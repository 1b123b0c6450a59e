{#- A ground of denial that is none of the contract's seven: missing, `other`, or a reason for something else. -#}
{% macro is_without_ground(denial_reason) -%}
coalesce({{ denial_reason }} not in (
        'identity_not_verified', 'exempt', 'manifestly_unfounded', 'excessive', 'no_data', 'third_party_rights', 'legal_obligation'
    ), true)
{%- endmacro %}
