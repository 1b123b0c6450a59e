{#- The acts about groups of findings that count, and their place among those of their group. The CTE `acts` of its caller. -#}
{% macro acts_in_order() -%}
select
    *,
    row_number() over (
        partition by group_key
        order by occurred_at, list_position({{ text_list(contract_codes('remediations', 'event_type')) }}, event_type), namespace, event_id
    ) as place
from {{ ref('fct_remediation_events') }}
where
    group_key is not null
    and not is_withdrawn
    and event_type not in {{ known_codes(event_types('remediations', 'withdrawal') + event_types('remediations', 'attestation')) }}
{%- endmacro %}

{#- For how many days the pack lets findings of a severity be accepted. The CTE `limits` of its caller. -#}
{% macro acceptance_limits() -%}
{%- for severity in ['high', 'medium', 'low'] %}
select '{{ severity }}' as severity, least(acceptance_days_{{ severity }}, 36500)::integer as days from {{ source('pack', 'settings') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}
