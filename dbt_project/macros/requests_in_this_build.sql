{#-
Which requests this build computes: all of them, or, when the facts of an earlier build are there, only those that
int_requests__touched names. The stage models then hold only those; int_requests__deadlines keeps the rest.
-#}
{% macro is_daily_build() -%}
    {%- if not execute or flags.FULL_REFRESH -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set facts = adapter.get_relation(database=this.database, schema='intermediate', identifier='int_requests__deadlines') -%}
    {{ return(facts is not none) }}
{%- endmacro %}

{#- Read by its name and not by ref: what is asked for here is the table that this build is about to change. -#}
{% macro requests_of_the_last_build() -%}
{%- if is_daily_build() -%}
select namespace, request_id from {{ this.database }}.intermediate.int_requests__deadlines
{%- else -%}
select cast(null as varchar) as namespace, cast(null as varchar) as request_id where false
{%- endif -%}
{%- endmacro %}

{% macro only_requests_in_this_build() -%}
{%- if is_daily_build() -%}
semi join {{ ref('int_requests__touched') }} using (namespace, request_id)
{%- endif -%}
{%- endmacro %}

{#- What had happened by as_of. An event dated more than five minutes after it landed moves nothing. -#}
{% macro has_happened(events) -%}
{{ events }}.occurred_at <= (select as_of from {{ source('run', 'run_instants') }})
    and not {{ is_dated_ahead(events) }}
{%- endmacro %}

{#- What is computed again goes first, so that a right that is no longer there goes too. -#}
{% macro forget_touched_requests() -%}
delete from {{ this }} as kept
using {{ ref('int_requests__touched') }} as touched
where kept.namespace = touched.namespace and kept.request_id = touched.request_id
{%- endmacro %}

{#- Traces of touched requests go, those of rights that are no longer there included. -#}
{% macro forget_touched_traces() -%}
delete from {{ this }} where request_key in (
    select touched.namespace || '/' || touched.request_id || '/' || rights.right_type
    from {{ ref('int_requests__touched') }} as touched
    cross join (select unnest({{ text_list(rights_of_the_contract()) }}) as right_type) as rights
)
{%- endmacro %}
