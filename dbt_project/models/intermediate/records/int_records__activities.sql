-- Every activity in record sets that had happened by as_of: few columns of few events, which several models look up. Incremental by
-- record set.
{%- if not execute %}
-- depends_on: {{ ref('int_records__changed') }} {{ ref('int_records__changed_events') }} {{ ref('stg_retention__events') }}
{%- endif %}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_records__changed': ['namespace', 'record_id']}},
) }}
select events.namespace, events.record_id, events.occurred_at
from {{ ref('int_records__changed_events' if is_incremental_build() else 'stg_retention__events') }} as events
where events.event_type = 'last_activity' and {{ has_happened('events') }}
