-- What is wrong with requests themselves, one row per request and cause, with the event that the finding leads to: its
-- type and local date, or the `received` where there is none.
with
requests as (select * from {{ ref('fct_requests') }}),

found as (
    select
        'overdue_open' as finding_code, request_key, null as cause_type, null::date as cause_date,
        to_json({due_date: due_date, days_overdue: days_overdue})::varchar as detail
    from requests
    where status = 'open_overdue'
    union all
    select 'closed_late', request_key, outcome, closed_date, to_json({due_date: due_date, closed_date: closed_date, days_overdue: days_overdue})::varchar
    from requests
    where status = 'closed_late'
    union all
    select 'acknowledgement_overdue', request_key, null, null, to_json({ack_due_date: ack_due_date})::varchar
    from requests
    where ack_status = 'open_overdue' and status <> 'excluded'
    union all
    select 'acknowledgement_late', request_key, null, null, to_json({ack_due_date: ack_due_date, acknowledged_date: acknowledged_date})::varchar
    from requests
    where ack_status = 'late' and status <> 'excluded'
    union all
    select
        'extension_' || extension_status, request_key, 'extended', notice_date,
        to_json({extension_status: extension_status, notice_date: notice_date})::varchar
    from requests
    where extension_status in ('late', 'not_permitted')
    union all
    select 'unpermitted_pause', request_key, null, null, to_json({unpermitted_pause_days: unpermitted_pause_days})::varchar
    from requests
    where unpermitted_pause_days > 0
    union all
    select
        case when exclusion_reason = 'withdrawn' then 'withdrawn_overdue' else 'excluded_overdue' end,
        request_key,
        case when exclusion_reason = 'withdrawn' then 'withdrawn' else 'excluded' end,
        left_date,
        to_json({exclusion_reason: exclusion_reason, due_date: due_date, left_date: left_date})::varchar
    from requests
    where left_overdue
    union all
    select
        'no_rule', request_key, null, null,
        to_json({no_rule_reason: no_rule_reason, jurisdiction: jurisdiction, regime_code: regime_code, right_type: right_type})::varchar
    from requests
    where status = 'no_rule'
    union all
    select 'declared_differs', request_key, null, null, to_json({due_date: due_date, declared_due_date: declared_due_date})::varchar
    from requests
    where declared_differs
    union all
    select 'denial_without_ground', request_key, 'denied', closed_date, to_json({denial_reason: denial_reason})::varchar
    from requests
    inner join {{ ref('int_metrics__requests_units') }} as units using (request_key)
    where units.is_denied_without_ground and units.is_closed
    union all
    select
        'regime_override', request_key, null, null,
        to_json({jurisdiction: jurisdiction, regime_code: regime_code, regime_of_place: regime_of_place})::varchar
    from {{ ref('int_findings__requests_overrides') }}
)

select
    found.finding_code,
    found.request_key,
    case when requests.regime_code = 'DECLARED' and metric_code = 'deadline_adherence' then 'declared_adherence' else metric_code end as metric_code,
    found.cause_type,
    found.cause_date,
    found.detail,
    requests.namespace,
    requests.request_id,
    requests.right_type,
    requests.channel,
    requests.subject_key,
    requests.time_zone,
    requests.received_at as occurred_at,
    requests.source,
    requests.event_id,
    requests.batch_id,
    requests.row_number
from found
inner join requests using (request_key)
inner join {{ ref('finding_catalogue') }} as catalogue using (finding_code)
