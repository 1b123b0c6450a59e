{#- What caused a finding, as JSON of names and values: those of `caused_by` that its row or its detail holds. -#}
{% macro cause_of_finding(caused_by, finding) -%}
to_json(map_from_entries(list_filter(
    list_transform(
        string_split({{ caused_by }}, ';'),
        lambda name: {
            k: name,
            v: case name
                when 'source' then {{ finding }}.source
                when 'entity' then {{ finding }}.entity
                else {{ finding }}.detail ->> name
            end
        }
    ),
    lambda entry: entry.v is not null
)))::varchar
{%- endmacro %}

{#- The key of a group of findings with one cause: neither depends on as_of, so the key is the same in every snapshot. -#}
{% macro group_key(code, cause) -%}
md5(to_json([{{ code }}, {{ cause }}])::varchar)
{%- endmacro %}
