{#-
Findings of a mart: one row per row of the mart and cause. The mart is read once, for rows with at least one finding.

mart         a relation with the columns of the landed row (source, event_id, batch_id, row_number)
entity       the entity of the finding, as SQL; with `cause` it is the finding's key, so neither may depend on as_of
causes       code     of finding_catalogue
             where    the condition of the finding
             detail   the columns that the column `detail` holds: codes, numbers and dates only
             event    kinds: the event types that caused it, at: the instant of that event, as SQL; none = the row itself.
                      `earlier`: the event types without which there would be no finding
             stop     the column with the request that was disregarded
cause        distinguishes findings of one entity
occurred_at  when it happened
places       the dimensions for which a control may promise it: {dimension: column}
rights       a list column: the rights for which a control may promise it
subject_key  the person whose data it is
life         the column with the id of the life whose events those are
-#}
{% macro findings_of(mart, entity, causes, cause="''", occurred_at='occurred_at', places={}, rights=none, subject_key='subject_key', life=none) -%}
with
rows_with_findings as materialized (
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
    to_json({ {%- for column in one.detail %}{{ column }}: {{ column }}{{ ', ' if not loop.last }}{% endfor -%} })::varchar as detail,
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
from rows_with_findings
where {{ one.where }}
{{ 'union all by name' if not loop.last }}
{%- endfor %}
{%- endmacro %}
