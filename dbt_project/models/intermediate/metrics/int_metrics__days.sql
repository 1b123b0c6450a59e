-- Every day from 2000 to 2099: what dbt's semantic layer joins to, so that a period without a row is one with 0.
{{ config(materialized='view') }}
select cast(unnest(generate_series(date '2000-01-01', date '2099-12-31', interval 1 day)) as date) as date_day
