{#-
The log contract (promisekept/sources/contract.yml), which the runner passes as JSON in PROMISEKEPT_CONTRACT:
{log: {life: [column], columns: {column: [code]}}}; a column without a closed list of codes has none. No macro repeats its lists, so
that a new code or a new log is one edit. The order of a list is that of the contract.
-#}
{% macro contract() -%}
{{ return(fromjson(env_var('PROMISEKEPT_CONTRACT'))) }}
{%- endmacro %}

{% macro contract_logs() -%}
{{ return(contract().keys() | list) }}
{%- endmacro %}

{% macro contract_codes(log, column) -%}
{{ return(contract()[log]['columns'][column]) }}
{%- endmacro %}

{% macro has_column(log, column) -%}
{{ return(column in contract()[log]['columns']) }}
{%- endmacro %}

{#- The logs with a column. -#}
{% macro logs_with_column(column) -%}
{%- set logs = [] -%}
{%- for log in contract_logs() if has_column(log, column) -%}{%- do logs.append(log) -%}{%- endfor -%}
{{ return(logs) }}
{%- endmacro %}

{#- The column that, beside the namespace, identifies a life of a log: a request, a record set, an incident, a version of the
policy, else the single event. -#}
{% macro life_column(log) -%}
{%- set life = contract()[log]['life'] -%}
{{ return(life[1] if life[0] == 'namespace' else 'event_id') }}
{%- endmacro %}
