-- Events of record sets that were never created. Incremental by record set: recomputes the orphans of changed record sets.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}},
) }}

with
events as (
    select *
    from {{ ref('stg_retention__events') }}
    {{ only_changed('int_records__changed', ['namespace', 'record_id']) }}
)

select events.*
from events
anti join {{ ref('fct_records') }} as records using (namespace, record_id)
where events.event_type <> 'created' and {{ has_happened('events') }}
