-- Events with an event time after they landed, or after the time at which the source recorded them. Incremental by event: adds
-- new events and recomputes events with new versions.
{{ config(
    materialized='incremental',
    pre_hook="{{ delete_events_with_new_versions() }}",
) }}
{% set lives = {
    'requests': 'request_id', 'retention': 'record_id', 'incidents': 'incident_id', 'policies': 'policy_version'
} %}
{% set without_kinds = ['disclosures', 'collections', 'processing', 'subject_links'] %}
{% set without_persons = ['incidents', 'policies'] %}

{% for log in all_logs() %}
select
    '{{ log }}' as log,
    namespace,
    case when {{ is_dated_ahead('events') }} then 'future_event' else 'recorded_before_occurred' end as finding_code,
    '{{ log }}/' || namespace || '/' || {{ lives.get(log, 'event_id') }} as entity,
    namespace || '/' || event_id as cause,
    {{ 'null::varchar' if log in without_persons else 'subject_key' }} as subject_key,
    occurred_at,
    to_json({
        event_type: {{ 'null::varchar' if log in without_kinds else 'event_type' }},
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
