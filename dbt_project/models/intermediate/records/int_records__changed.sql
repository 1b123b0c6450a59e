-- The record sets that a daily build puts together again: what newly landed says something about them, or their own future has
-- become past. Empty on a full build.
{{ config(materialized='table') }}

with
looked_at as (
    {{ changed_rows('retention', ['namespace', 'record_id']) }}
)

select distinct namespace, record_id
from looked_at
{% if is_full_refresh() %}where false{% endif %}
