-- How requests under the General Data Protection Regulation were answered, by the month of receipt: each stands in one of the
-- columns that add up to received. Extended and denied stand beside them.
{% set parts = {
    'answered_in_time': "status = 'closed_on_time'",
    'answered_late': "status = 'closed_late'",
    'open_in_time': "status = 'open_in_time'",
    'open_overdue': "status = 'open_overdue'",
    'paused': "status = 'paused'",
    'excluded': "status = 'excluded'",
    'without_deadline': "status in ('no_rule', 'no_deadline')",
} %}
with
requests as (select * from {{ ref('fct_requests') }} where regime_code in {{ gdpr_regimes() }}),

instants as (select as_of from {{ source('run', 'run_instants') }}),

monthly_counts as (
    select
        regime_code,
        right_type,
        date_trunc('month', received_date)::date as month_start,
        count(*)::bigint as received,
        {%- for name, condition in parts.items() %}
        count(*) filter ({{ condition }})::bigint as {{ name }},
        {%- endfor %}
        count(*) filter (closed_date is not null and status <> 'excluded')::bigint as answered,
        count(*) filter (outcome = 'denied' and status <> 'excluded')::bigint as denied,
        count(*) filter (extension_status = 'valid' and status <> 'excluded')::bigint as extended,
        count(*) filter (extension_status in ('late', 'not_permitted') and status <> 'excluded')::bigint as extended_without_effect,
        count(*) filter (extension_status = 'valid' and status = 'closed_on_time')::bigint as answered_in_time_extended,
    from requests
    group by all
)

select
    monthly_counts.*,
    answered_in_time + answered_late + open_overdue as fell_due,
    received - excluded as in_scope,
    answered_in_time::double / nullif(answered_in_time + answered_late + open_overdue, 0) as in_time_share,
    extended::double / nullif(received - excluded, 0) as extended_share,
    denied::double / nullif(answered, 0) as denied_share,
    instants.as_of,
from monthly_counts
cross join instants
where {{ is_fully_retained('month_start') }}
