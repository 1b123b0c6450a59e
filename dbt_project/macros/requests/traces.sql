{#-
The words of a trace. Each step is one JSON object: what it is, the day it is about, a sentence for a person, and why.
Everything that enters a sentence is a date, a number or a code of ours; what others wrote (citations, names of holidays,
places) is escaped where it is read. `extras` is text that goes on after `why`: see json_extra.
-#}
{% macro json_step(step, day, says, why, extras="''") -%}
'{"step":"{{ step }}","date":' || coalesce('"' || cast({{ day }} as varchar) || '"', 'null')
    || ',"says":"' || {{ says }} || '","why":"' || {{ why }} || '"' || {{ extras }} || '}'
{%- endmacro %}

{% macro json_extra(name, text) -%}
',"{{ name }}":' || coalesce('"' || cast({{ text }} as varchar) || '"', 'null')
{%- endmacro %}

{#- A text as it may stand between the quotes of a JSON string. -#}
{% macro json_text(text) -%}
array_slice(cast(to_json({{ text }}) as varchar), 2, -2)
{%- endmacro %}

{#- 1 month, 45 days, 15 business days -#}
{% macro period_in_words(n, unit) -%}
({{ n }} || ' ' || replace({{ unit }}, '_', ' ') || if({{ n }} = 1, '', 's'))
{%- endmacro %}

{% macro days_in_words(n) -%}
({{ n }} || if({{ n }} = 1, ' day', ' days'))
{%- endmacro %}

{#- Proof of identity asked for on 4 March 2026, not received -#}
{% macro wait_in_words(kind, asked, answered) -%}
(case {{ kind }} when 'fee' then 'Fee' when 'clarification' then 'Clarification' when 'identity' then 'Proof of identity'
    else 'Clarification and proof of identity' end
    || ' asked for on ' || {{ date_in_words(asked) }}
    || coalesce(', received on ' || {{ date_in_words(answered) }}, ', not received'))
{%- endmacro %}

{#- partially fulfilled (exempt) on 3 March 2026 at 10:00 -#}
{% macro event_in_words(moment, time_zone) -%}
(replace({{ moment_event_type(moment) }}, '_', ' ')
    || coalesce(' (' || replace({{ moment_reason(moment) }}, '_', ' ') || ')', '')
    || ' on ' || strftime(timezone({{ time_zone }}, {{ moment_instant(moment) }}), '%-d %B %Y at %H:%M'))
{%- endmacro %}
