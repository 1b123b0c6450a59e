{#- Every identifier of each person of whom `subjects`, a relation with subject_key, names one; nothing in a full refresh. -#}
{% macro identifiers_of_changed_persons(subjects) -%}
select subject_key
from {{ subjects }}
where subject_key is not null{% if is_full_refresh() %} and false{% endif %}
union
select identifiers.subject_key
from {{ ref('int_persons__resolved') }} as identifiers
inner join {{ ref('int_persons__resolved') }} as named on identifiers.person_key = named.person_key
inner join {{ subjects }} as subjects on named.subject_key = subjects.subject_key
{% if is_full_refresh() %}where false{% endif %}
{%- endmacro %}
