-- In which stretches of time each version of the policy held, whoever tells of it. Made after int_subjects__changed, which
-- compares what held with what the last build left here.
-- depends_on: {{ ref('int_subjects__changed') }}
{{ config(materialized='table') }}

{{ version_intervals() }}
