-- Every known version of an event of the log `subject_links` that was told more than once, and whether it counts.
{{ config(materialized='table') }}

{{ contested_versions('subject_links') }}
