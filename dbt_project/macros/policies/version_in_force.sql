{#- Whether a version of the policy is in force at an instant: effective from its first microsecond, superseded from the first
of the next. `versions` is a row of fct_policy_versions. Null, and so no match, where it never took effect. -#}
{% macro version_in_force(versions, instant) -%}
{{ versions }}.effective_at <= {{ instant }}
    and ({{ versions }}.superseded_at is null or {{ instant }} < {{ versions }}.superseded_at)
{%- endmacro %}
