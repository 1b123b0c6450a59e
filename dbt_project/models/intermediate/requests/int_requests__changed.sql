-- The requests that a daily build computes again: what newly landed says something about them, or their own future has
-- become past. Empty on a full build, where every request is computed.
{{ config(materialized='table') }}

with
looked_at as (
    {{ changed_rows('requests', ['namespace', 'request_id']) }}
)

select distinct namespace, request_id
from looked_at
{% if is_full_refresh() %}where false{% endif %}
