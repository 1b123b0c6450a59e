{#- Every identifier of the persons of a CTE: one row per (person_key, subject_key). -#}
{% macro identifiers_of(people, persons) -%}
select person_key, person_key as subject_key
    from {{ people }}
    union
    select {{ persons }}.person_key, {{ persons }}.subject_key
    from {{ persons }}
    semi join {{ people }} using (person_key)
{%- endmacro %}
