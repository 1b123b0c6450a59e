-- Units of which a row conflicts or was refused: whatever their other rows say, they can't be judged. Beside each, which
-- of its dates such a row could have moved, and whether it could have put the unit into another dimension.
with
refused as (select * from {{ ref('int_metrics__requests_uncounted_rows') }} where request_id is not null),
requests as (select * from {{ ref('fct_requests') }})

select
    requests.request_key,
    min(refused.earliest_date) as earliest_date,
    max(refused.latest_date) as latest_date,
    bool_or(refused.earliest_date is null) as is_undated,
    bool_or(refused.event_type is null or refused.event_type = 'received') as moves_receipt,
    bool_or(
        refused.event_type is null
        or requests.regime_code = 'DECLARED'
        or refused.event_type not in (
            'acknowledged', 'forwarded_to_controller', 'system_completed', 'fulfilled', 'partially_fulfilled', 'denied',
            'withdrawn', 'excluded', 'reopened', 'stop_lifted'
        )
    ) as moves_due_date,
    bool_or(
        refused.event_type is null
        or refused.event_type in ('received', 'fulfilled', 'partially_fulfilled', 'denied', 'reopened')
    ) as moves_closing,
    bool_and(
        refused.event_type <> 'received' or refused.jurisdiction is not distinct from requests.jurisdiction
    ) is not true as is_elsewhere,
    bool_and(
        refused.event_type <> 'received' or refused.channel is not distinct from requests.channel
    ) is not true as is_by_another_channel,
    bool_and(
        refused.event_type <> 'received' or refused.source is not distinct from requests.source
    ) is not true as is_of_another_source
from refused
inner join requests
    on
        refused.namespace = requests.namespace
        and refused.request_id = requests.request_id
        and coalesce(refused.right_type, requests.right_type) = requests.right_type
group by requests.request_key
