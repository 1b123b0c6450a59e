-- How long each record set must and may be kept, holds left aside: the row of the schedule that governs it, the event from
-- which its period runs, and the contract that shortens it. A view: what it adds is looked up in small tables and counted.
{{ config(materialized='view') }}

{{ scheduled_records(ref('int_records__timeline')) }}
