{#-
Whose key it is. `persons` is int_persons__resolved, left joined on subject_key; a key that no link names is a person of its
own and has no row there:

    left join {{ ref('int_persons__resolved') }} as persons on events.subject_key = persons.subject_key
    ... {{ person_key_of('events.subject_key', 'persons') }} as person_key
-#}
{% macro person_key_of(subject_key, persons) -%}
coalesce({{ persons }}.person_key, {{ subject_key }})
{%- endmacro %}
