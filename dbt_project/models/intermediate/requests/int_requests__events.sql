-- The events of requests that count and had happened by as_of. Many models look up the events of some requests: in a table that
-- takes a fraction of what landed files do. Incremental by event: adds what landed or came due, replaces what has a new version.
{%- if not execute %}
-- depends_on: {{ ref('stg_requests__contested') }} {{ ref('stg_requests__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'stg_requests__contested': ['namespace', 'event_id']}, 'compression': 'uncompressed'},
) }}

with
events as (
    {% if not execute or is_incremental_build() -%}
    {{ changed_events('requests') }}
    {%- else -%}
    select * from {{ ref('stg_requests__events') }}
    {%- endif %}
)

select *
from events
where {{ has_happened('events') }}
