-- Landed versions of the `subject_links` events of which more than one landed, each with its verdict.
{{ config(materialized='table') }}

{{ versions_of_events('subject_links') }}
