-- Events with an event time after they landed, or after the time at which the source recorded them. Incremental by event: adds
-- new events and recomputes events with new versions.
-- dbt walks only one branch while parsing:
-- depends_on: {{ ref('int_events__new_versions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'int_events__new_versions': ['log', 'namespace', 'event_id']}},
) }}
{% for log in contract_logs() %}
select
    '{{ log }}' as log,
    namespace,
    case when {{ is_dated_ahead('events') }} then 'future_event' else 'recorded_before_occurred' end as finding_code,
    '{{ log }}/' || namespace || '/' || {{ life_column(log) }} as entity,
    namespace || '/' || event_id as cause,
    {{ 'subject_key' if has_column(log, 'subject_ref') else 'null::varchar' }} as subject_key,
    occurred_at,
    to_json({
        event_type: {{ 'event_type' if has_column(log, 'event_type') else 'null::varchar' }},
        seconds: (epoch_us(occurred_at) - epoch_us(case when {{ is_dated_ahead('events') }} then landed_at else recorded_at end)) // 1000000
    })::varchar as detail,
    source,
    event_id,
    batch_id,
    row_number,
from ({{ new_events(log) }}) as events
where {{ is_dated_ahead('events') }} or epoch_us(occurred_at) - epoch_us(recorded_at) > 300000000
{{ 'union all' if not loop.last }}
{% endfor %}
