-- Landed versions of the `collections` events of which more than one landed, each with its verdict. Incremental by event.
{{ config(
    materialized='incremental',
    incremental_strategy='changed_keys',
    meta={'changed_keys': {'stg_collections__contested': ['namespace', 'event_id']}},
) }}

{{ versions_of_events('collections') }}
