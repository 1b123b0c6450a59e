{#- Whether a version of the policy is in force at an instant: effective from its first microsecond, superseded from the first
of the next. `versions` is a row of fct_policy_versions. Null, and so no match, where it never took effect. -#}
{% macro version_in_force(versions, instant) -%}
{{ versions }}.effective_at <= {{ instant }}
    and ({{ versions }}.superseded_at is null or {{ instant }} < {{ versions }}.superseded_at)
{%- endmacro %}

{#- The intervals in which a version was in force, by its name: several sources may record it, and it is in force where it is for
one of them. -#}
{% macro version_intervals() -%}
select
        policy_version,
        list(
            struct_pack(effective_at := effective_at, superseded_at := superseded_at) order by effective_at, superseded_at
        ) as intervals,
    from {{ ref('int_policies__timeline') }}
    group by policy_version
{%- endmacro %}

{#- Whether one of these intervals contains an instant; false where there is none. -#}
{% macro was_in_force_at(intervals, instant) -%}
len(list_filter(coalesce({{ intervals }}, []), lambda version: {{ version_in_force('version', instant) }})) > 0
{%- endmacro %}

{#- When the first version took effect; null where none has. `versions` has the intervals of each. -#}
{% macro first_in_force(versions) -%}
(select min(version.effective_at) from (select unnest(intervals) as version from {{ versions }}))
{%- endmacro %}

{#- Whether a notice that was shown at an instant referred to a policy: none did before the first version was in force. Where that
instant is unknown, the notice counts as one that did. -#}
{% macro shown_under_a_policy(shown_at, began_at) -%}
coalesce({{ shown_at }} >= {{ began_at }}, true)
{%- endmacro %}
