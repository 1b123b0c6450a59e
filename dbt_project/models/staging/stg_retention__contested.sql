-- Every known version of an event of the log `retention` that was told more than once, and whether it counts.
{{ config(materialized='table') }}

{{ contested_versions('retention') }}
