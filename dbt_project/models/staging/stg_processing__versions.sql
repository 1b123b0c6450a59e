-- Landed versions of the `processing` events of which more than one landed, each with its verdict. Incremental by event.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'stg_processing__contested': ['namespace', 'event_id']}},
) }}

{{ versions_of_events('processing') }}
