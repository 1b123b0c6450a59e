-- Requests with a row that conflicts or was rejected: they are undetermined whatever their other rows contain. With the dates
-- that such a row could move, and whether it could change a dimension.
with
uncounted_rows as (select * from {{ ref('int_metrics__requests_uncounted_rows') }} where request_id is not null),

requests as (select * from {{ ref('fct_requests') }})

select
    requests.request_key,
    min(uncounted_rows.earliest_date) as earliest_date,
    max(uncounted_rows.latest_date) as latest_date,
    bool_or(uncounted_rows.earliest_date is null) as is_undated,
    bool_or(uncounted_rows.event_type is null or uncounted_rows.event_type = 'received') as moves_receipt,
    bool_or(
        uncounted_rows.event_type is null
        or requests.regime_code = 'DECLARED'
        or uncounted_rows.event_type not in (
            'acknowledged', 'forwarded_to_controller', 'system_completed', 'fulfilled', 'partially_fulfilled', 'denied',
            'withdrawn', 'excluded', 'reopened', 'stop_lifted'
        )
    ) as moves_due_date,
    bool_or(
        uncounted_rows.event_type is null
        or uncounted_rows.event_type in ('received', 'fulfilled', 'partially_fulfilled', 'denied', 'reopened')
    ) as moves_closing,
    bool_and(
        uncounted_rows.event_type <> 'received' or uncounted_rows.jurisdiction is not distinct from requests.jurisdiction
    ) is not true as is_elsewhere,
    bool_and(
        uncounted_rows.event_type <> 'received' or uncounted_rows.channel is not distinct from requests.channel
    ) is not true as is_by_another_channel,
    bool_and(
        uncounted_rows.event_type <> 'received' or uncounted_rows.source is not distinct from requests.source
    ) is not true as is_of_another_source
from uncounted_rows
inner join requests
    on
        uncounted_rows.namespace = requests.namespace
        and uncounted_rows.request_id = requests.request_id
        and coalesce(uncounted_rows.right_type, requests.right_type) = requests.right_type
group by requests.request_key
