{#- Whether a version of the policy is in force at an instant: effective from its first microsecond, superseded from the first
of the next. `versions` is a row of fct_policy_versions. Null, and so no match, where it never took effect. -#}
{% macro version_in_force(versions, instant) -%}
{{ versions }}.effective_at <= {{ instant }}
    and ({{ versions }}.superseded_at is null or {{ instant }} < {{ versions }}.superseded_at)
{%- endmacro %}

{#- The stretches of time in which a version held, by its name: it may be told of by several sources, and holds where it
holds for one of them. -#}
{% macro version_intervals() -%}
select
        policy_version,
        list(
            struct_pack(effective_at := effective_at, superseded_at := superseded_at) order by effective_at, superseded_at
        ) as stretches,
    from {{ ref('int_policies__timeline') }}
    group by policy_version
{%- endmacro %}

{#- Whether one of these stretches holds an instant; false where there is none. -#}
{% macro was_in_force_at(stretches, instant) -%}
len(list_filter(coalesce({{ stretches }}, []), lambda stretch: {{ version_in_force('stretch', instant) }})) > 0
{%- endmacro %}

{#- From when on the policies log records a version in force; null where none has taken effect. `versions` has
the stretches of each. -#}
{% macro first_in_force(versions) -%}
(select min(stretch.effective_at) from (select unnest(stretches) as stretch from {{ versions }}))
{%- endmacro %}

{#- Whether a notice that was shown at an instant referred to a policy: none did before the first version was in force. Where the log
knows no such instant nobody can say, and it did. -#}
{% macro shown_under_a_policy(shown_at, began_at) -%}
coalesce({{ shown_at }} >= {{ began_at }}, true)
{%- endmacro %}
