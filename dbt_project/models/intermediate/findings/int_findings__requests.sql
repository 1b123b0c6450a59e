-- Findings of requests, one row per request and cause, with the event that the finding leads to: its type and local date, or
-- the `received` where there is none. The requests are read once, for those with a finding.
{% set causes = [
    ('overdue_open', "status = 'open_overdue'", 'null', 'null', ['due_date', 'days_overdue']),
    ('closed_late', "status = 'closed_late'", 'outcome', 'closed_date', ['due_date', 'closed_date', 'days_overdue']),
    ('answered_before_receipt', "closed_date < received_date and status <> 'excluded'", 'outcome', 'closed_date', ['received_date', 'closed_date']),
    ('answer_recorded_late', 'answer_recorded_late', 'outcome', 'closed_date', ['due_date', 'closed_date', 'recorded_date']),
    ('acknowledgement_overdue', "ack_status = 'open_overdue' and status <> 'excluded'", 'null', 'null', ['ack_due_date']),
    ('acknowledgement_late', "ack_status = 'late' and status <> 'excluded'", 'null', 'null', ['ack_due_date', 'acknowledged_date']),
    ('extension_late', "extension_status = 'late'", "'extended'", 'notice_date', ['notice_date']),
    ('extension_not_permitted', "extension_status = 'not_permitted'", "'extended'", 'notice_date', ['notice_date']),
    ('unpermitted_pause', 'unpermitted_pause_days > 0', 'null', 'null', ['unpermitted_pause_days']),
    ('withdrawn_overdue', "left_overdue and exclusion_reason = 'withdrawn'", "'withdrawn'", 'left_date', ['due_date', 'left_date']),
    ('excluded_overdue', "left_overdue and exclusion_reason <> 'withdrawn'", "'excluded'", 'left_date', ['exclusion_reason', 'due_date', 'left_date']),
    ('no_rule', "status = 'no_rule'", 'null', 'null', ['no_rule_reason', 'jurisdiction', 'regime_code', 'right_type']),
    ('declared_due_missing', "status = 'no_deadline' and regime_code = 'DECLARED'", 'null', 'null', ['received_date', 'closed_date']),
    ('declared_differs', 'declared_differs', 'null', 'null', ['due_date', 'declared_due_date']),
    ('denial_without_ground', 'is_denied_without_ground', "'denied'", 'closed_date', ['denial_reason']),
    ('partial_stop_without_scope', 'is_stop_without_scope', "'partially_fulfilled'", 'closed_date', ['closed_date']),
    ('not_forwarded', "forwarding_status in ('late', 'open_overdue')", "if(forwarding_status = 'late', 'forwarded_to_controller', null)", 'forwarded_date', ['forwarding_due_date', 'forwarded_date']),
    ('left_the_clock', 'way_out is not null', "case status when 'excluded' then if(exclusion_reason = 'withdrawn', 'withdrawn', 'excluded') end", 'left_date', ['way_out']),
    ('regime_override', 'is_under_other_law', 'null', 'null', ['jurisdiction', 'regime_code', 'regime_of_place']),
] %}
with
overrides as (select request_key, regime_of_place from {{ ref('int_findings__requests_overrides') }}),

stops_without_scope as (select request_key from {{ ref('int_stops__begun') }} where not is_scope_known),

above_ceiling as (select request_key, way_out from {{ ref('int_metrics__requests_above_ceiling') }}),

requests_with_findings as materialized (
    select
        requests.*,
        status <> 'excluded' and outcome = 'denied' and ({{ is_without_ground('denial_reason') }}) as is_denied_without_ground,
        overrides.request_key is not null as is_under_other_law,
        overrides.regime_of_place,
        above_ceiling.way_out,
        stops_without_scope.request_key is not null as is_stop_without_scope,
        timezone(requests.time_zone, requests.answer_recorded_at)::date as recorded_date,
        timezone(requests.time_zone, requests.forwarded_at)::date as forwarded_date
    from {{ ref('fct_requests') }} as requests
    left join overrides on requests.request_key = overrides.request_key
    left join above_ceiling on requests.request_key = above_ceiling.request_key
    left join stops_without_scope on requests.request_key = stops_without_scope.request_key
    where
        {%- for code, condition, cause_type, cause_date, columns in causes %}
        ({{ condition }}){{ ' or' if not loop.last }}
        {%- endfor %}
),

findings as (
    {%- for code, condition, cause_type, cause_date, columns in causes %}
    select
        *,
        '{{ code }}' as finding_code,
        {{ cause_type }}::varchar as cause_type,
        {{ cause_date }}::date as cause_date,
        to_json({ {%- for column in columns %}{{ column }}: {{ column }}{{ ', ' if not loop.last }}{% endfor -%} })::varchar as detail
    from requests_with_findings
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    findings.finding_code,
    findings.request_key,
    case when findings.regime_code = 'DECLARED' and metric_code = 'deadline_adherence' then 'declared_adherence;deadline_adherence' else metric_code end as metric_code,
    findings.cause_type,
    findings.cause_date,
    findings.detail,
    findings.namespace,
    findings.request_id,
    findings.right_type,
    findings.channel,
    findings.subject_key,
    findings.time_zone,
    findings.received_at as occurred_at,
    findings.source,
    findings.event_id,
    findings.batch_id,
    findings.row_number
from findings
inner join {{ ref('finding_catalogue') }} as catalogue using (finding_code)
