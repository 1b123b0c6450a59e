{#- Days in the life of records: a period of the pack is so many months and then so many days. The month keeps the day's number
or ends on its own last day, as for deadlines; nothing is rolled. Null where there is no period. -#}
{% macro add_months_and_days(day, months, days) -%}
(cast({{ day }} + to_months(cast({{ months }} as integer)) as date) + cast({{ days }} as integer))
{%- endmacro %}

{#- The release of a hold that stands: a day after every other, so that merged holds can be compared. -#}
{% macro no_day_yet() -%}
date '9999-12-31'
{%- endmacro %}
