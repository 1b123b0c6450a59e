{#-
What is wrong with the rows of a mart, one row per row and cause: the mart is read once, for the rows with something wrong.

mart         a relation; its rows lead back to the landed row (source, event_id, batch_id, row_number)
entity       what the finding is about, as SQL; with `cause` it is the finding's key, so neither may say when one looks
causes       code     of finding_catalogue
             where    when it is wrong
             told     the columns that `detail` tells: codes, numbers and dates alone
             event    of what kinds the event is that made it so, as a list, and when it happened, as SQL; none = the row itself.
                      Beside those, as `earlier`, the kinds without which it would not have been wrong
             stop     the column that names the request which it disregards
cause        tells rows of one entity apart
occurred_at  when it happened
places       in which dimensions a control may promise it: {dimension: column}
rights       a list column: the rights of which a control may promise it
subject_key  whose data it is
life         the column that names the life whose events those are
-#}
{% macro findings_of(mart, entity, causes, cause="''", occurred_at='occurred_at', places={}, rights=none, subject_key='subject_key', life=none) -%}
with
suspects as materialized (
    select * from {{ mart }}
    where
        {%- for one in causes %}
        ({{ one.where }}){{ ' or' if not loop.last }}
        {%- endfor %}
)

{% for one in causes %}
select
    '{{ one.code }}' as finding_code,
    {{ entity }} as entity,
    {{ entity }} || '|' || {{ cause }} as cause,
    {{ subject_key }} as subject_key,
    {{ one.event.at if one.event else occurred_at }} as occurred_at,
    to_json({ {%- for column in one.told %}{{ column }}: {{ column }}{{ ', ' if not loop.last }}{% endfor -%} })::varchar as detail,
    source,
    event_id,
    batch_id,
    row_number,
    {%- if one.event %}
    namespace as life_namespace,
    {{ life }} as life_id,
    {{ text_list(one.event.kinds) }} as event_types,
    {{ text_list(one.event.earlier) if one.event.earlier else '[]' }}::varchar[] as earlier_types,
    {%- endif %}
    {%- if one.stop %}
    {{ one.stop }} as stop_key,
    {%- endif %}
    list_filter(
        [{% for dimension, column in places.items() %}'{{ dimension }}=' || {{ column }}{{ ', ' if not loop.last }}{% endfor %}]::varchar[],
        lambda place: place is not null
    ){% if rights %} || coalesce(list_transform({{ rights }}, lambda right_type: 'right_type=' || right_type), []){% endif %} as places,
from suspects
where {{ one.where }}
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
