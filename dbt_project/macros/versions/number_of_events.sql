{#- How many events of a log count and meet a condition: the rows that landed, less the versions that do not count. There are few of
these, so that no event is looked up among them. -#}
{% macro number_of_events(log, condition) -%}
(
        (select count(*) from {{ source('landing', log) }} as events where {{ condition }})
        - (select count(*) from {{ ref('stg_' ~ log ~ '__versions') }} as events where events.verdict <> 'counts' and {{ condition }})
    )
{%- endmacro %}
