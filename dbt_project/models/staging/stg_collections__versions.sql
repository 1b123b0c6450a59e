-- Landed versions of the `collections` events of which more than one landed, each with its verdict.
{{ config(materialized='table') }}

{{ versions_of_events('collections') }}
