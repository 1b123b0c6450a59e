-- Landed versions of the `retention` events of which more than one landed, each with its verdict.
{{ config(materialized='table') }}

{{ versions_of_events('retention') }}
