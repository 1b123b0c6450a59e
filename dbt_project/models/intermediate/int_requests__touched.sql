-- The requests that a daily build computes again: what newly landed says something about them, or their own future has
-- become past. Empty on a full build, where every request is computed.
{{ config(materialized='table') }}

with
looked_at as (
    {{ rows_to_look_at_again('requests', ['namespace', 'request_id']) }}
)

select distinct namespace, request_id
from looked_at
{% if is_full_build() %}where false{% endif %}
