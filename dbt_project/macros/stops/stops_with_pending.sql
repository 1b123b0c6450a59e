{#- What binds as a stop and what waits to become one (is_pending), in the columns of int_stops__purposes that both have. -#}
{% macro stops_with_pending() -%}
select person_key, right_type, is_scope_known, purpose_code, other_purposes, stopped_at, ended_at, request_key, false as is_pending
    from {{ ref('int_stops__purposes') }}
    union all
    select
        person_key,
        right_type,
        true as is_scope_known,
        purpose_code,
        if(purpose_code is null, [], null) as other_purposes,
        pending_since as stopped_at,
        ended_at,
        request_key,
        true as is_pending,
    from {{ ref('int_stops__pending') }}
{%- endmacro %}
