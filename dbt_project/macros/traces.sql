{#-
The words of a trace. Each step is one JSON object: what it is, the day it is about, a sentence for a person, and why.
Everything that enters a sentence is a date, a number or a code of ours; what others wrote (citations, names of holidays)
is escaped where it is read.
-#}
{% macro json_step(step, day, says, why) -%}
'{"step":"{{ step }}","date":' || coalesce('"' || cast({{ day }} as varchar) || '"', 'null')
    || ',"says":"' || {{ says }} || '","why":"' || {{ why }} || '"}'
{%- endmacro %}

{#- A text as it may stand between the quotes of a JSON string. -#}
{% macro json_text(text) -%}
trim(cast(to_json({{ text }}) as varchar), '"')
{%- endmacro %}

{#- 1 month, 45 days, 15 business days -#}
{% macro spoken_period(n, unit) -%}
({{ n }} || ' ' || replace({{ unit }}, '_', ' ') || if({{ n }} = 1, '', 's'))
{%- endmacro %}

{% macro spoken_days(n) -%}
({{ n }} || if({{ n }} = 1, ' day', ' days'))
{%- endmacro %}

{#- proof of identity, clarification, fee -#}
{% macro spoken_question(kind) -%}
replace({{ kind }}, 'identity', 'proof of identity')
{%- endmacro %}

{% macro spoken_wait(kind, asked, answered) -%}
(upper(left({{ spoken_question(kind) }}, 1)) || substr({{ spoken_question(kind) }}, 2)
    || ' asked for on ' || {{ spoken_date(asked) }}
    || coalesce(', received on ' || {{ spoken_date(answered) }}, ', not received'))
{%- endmacro %}

{#- The questions that hold or held the start; null where there were none. -#}
{% macro spoken_start_questions() -%}
nullif(array_to_string(list_transform(
    list_filter(questions, lambda wait: wait.effect = 'moves_start'),
    lambda wait: {{ spoken_wait('wait.kind', 'wait.asked', 'wait.answered') }}
), '; '), '')
{%- endmacro %}
