-- The record sets that have ever been on hold, as int_records__scheduled has them. A view: few sets are looked up.
{{ config(materialized='view') }}
{% set held_timelines %}
(
        select timelines.*
        from {{ ref('int_records__timeline') }} as timelines
        semi join {{ ref('int_records__holds') }} as holds using (namespace, record_id)
    )
{% endset %}
{{ scheduled_records(held_timelines) }}
