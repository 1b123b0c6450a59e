-- Changed keys: the requests whose derivation may differ from that of the previous build. It changes with the request, and daily
-- while there is no answer; the rights that a changed request no longer has are among them, since their traces go. Empty in a
-- full refresh.
with
changed as (
    select requests.namespace || '/' || requests.request_id || '/' || rights.right_type as request_key
    from {{ ref('int_requests__changed') }} as requests
    cross join (select unnest({{ text_list(contract_codes('requests', 'right_type')) }}) as right_type) as rights
),

unanswered as (
    select request_key
    from {{ ref('fct_requests') }}
    where closed_date is null and exclusion_reason is null
),

changed_or_unanswered as (
    select request_key from changed
    union
    select request_key from unanswered
)

select request_key
from changed_or_unanswered
{% if is_full_refresh() %}where false{% endif %}
