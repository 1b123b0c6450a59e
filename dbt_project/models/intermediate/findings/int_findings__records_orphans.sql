-- Events of record sets that were never created. Incremental by record set: recomputes the orphans of changed record sets.
{%- if not execute %}
-- depends_on: {{ ref('int_records__changed') }} {{ ref('int_records__changed_events') }} {{ ref('stg_retention__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}, 'inserted_rows_of': ['fct_records']},
) }}

with
events as (
    select * from {{ ref('int_records__changed_events' if is_incremental_build() else 'stg_retention__events') }}
)

select events.*
from events
anti join {{ ref('fct_records') }} as records using (namespace, record_id)
where events.event_type <> 'created' and {{ has_happened('events') }}
