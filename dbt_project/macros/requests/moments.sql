{#-
A moment is one BIGINT that holds when an event happened, what it was and why: microseconds since 1970, then the place
of its type in the contract's list (5 bits), then the place of its reason (5 bits). Comparing two moments is comparing
the instants and, within one instant, the order of the list of event types. A million timelines are built from minima
and maxima of such numbers, without sorting a row or comparing a text.
-#}
{% macro request_event_types() -%}
{{ return(numbered_codes('requests', 'event_type')) }}
{%- endmacro %}

{% macro request_reasons() -%}
{{ return(numbered_codes('requests', 'reason_code')) }}
{%- endmacro %}

{#- A list of codes whose places fit into five bits. -#}
{% macro numbered_codes(log, column) -%}
{%- set codes = contract_codes(log, column) -%}
{%- if codes | length > 31 -%}
{%- do exceptions.raise_compiler_error(
    'contract.yml: ' ~ log ~ '.' ~ column ~ ' has ' ~ codes | length ~ ' codes, and a moment holds the place of 31 at most.'
    ~ ' Give it more bits in macros/requests/moments.sql.'
) -%}
{%- endif -%}
{{ return(codes) }}
{%- endmacro %}

{% macro text_list(values) -%}
['{{ values | join("', '") }}']
{%- endmacro %}

{#- The number of an event type at compile time: event_number('extended') is 9. -#}
{% macro event_number(event_type) -%}
{{ request_event_types().index(event_type) + 1 }}
{%- endmacro %}

{% macro event_numbers(event_types) -%}
({% for event_type in event_types %}{{ event_number(event_type) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro event_number_of(event_type) -%}
list_position({{ text_list(request_event_types()) }}, {{ event_type }})
{%- endmacro %}

{% macro moment(occurred_at, event_type, reason_code) -%}
epoch_us({{ occurred_at }}) * 1024
    + {{ event_number_of(event_type) }} * 32
    + coalesce(list_position({{ text_list(request_reasons()) }}, {{ reason_code }}), 0)
{%- endmacro %}

{#- The first moment of an instant; every event of that instant is at or after it. -#}
{% macro moment_of(instant) -%}
epoch_us({{ instant }}) * 1024
{%- endmacro %}

{% macro moment_instant(moment) -%}
make_timestamptz(({{ moment }} - ({{ moment }} & 1023)) // 1024)
{%- endmacro %}

{% macro moment_date(moment, time_zone) -%}
cast(timezone({{ time_zone }}, {{ moment_instant(moment) }}) as date)
{%- endmacro %}

{% macro moment_event_number(moment) -%}
(({{ moment }} & 1023) // 32)
{%- endmacro %}

{% macro moment_event_type(moment) -%}
{{ text_list(request_event_types()) }}[({{ moment }} & 1023) // 32]
{%- endmacro %}

{% macro moment_reason(moment) -%}
{{ text_list(request_reasons()) }}[nullif({{ moment }} & 31, 0)]
{%- endmacro %}

{#- The first of some kinds of event after a moment (null: since the beginning), out of a list of moments. -#}
{% macro first_after(moments, event_types, after) -%}
list_min(list_filter(
    {{ moments }},
    lambda m: {{ moment_event_number('m') }} in {{ event_numbers(event_types) }} and m > coalesce({{ after }}, -9223372036854775808)
))
{%- endmacro %}
