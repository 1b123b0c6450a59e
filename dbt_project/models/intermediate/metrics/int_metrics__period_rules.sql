-- The date that assigns each metric's units to a month, and so which undetermined units count against it. `at` is the month of
-- the event, `since` every month from then on.
{% set statistics = {
    'forwarding_p95_hours': 'received', 'intake_lag_p95_days': 'received', 'km_median_days_open': 'received',
    'median_days_to_close': 'closed', 'p90_days_to_close': 'closed', 'mean_days_to_close': 'closed',
} %}
with
-- A metric counts the rows of the logs behind its marts.
logs_of_marts (mart, log, is_life) as (
    values
    ('fct_consents', 'consents', false),
    ('fct_withdrawal_systems', 'consents', false),
    ('fct_disclosures', 'disclosures', false),
    ('fct_records', 'retention', true),
    ('fct_collections', 'collections', false),
    ('fct_processing', 'processing', false),
    ('fct_incidents', 'incidents', true),
    ('fct_policy_versions', 'policies', true),
    ('fct_remediations', 'remediations', false)
),

metric_marts as (
    select metric_code, state, unit, statistic, unnest(string_split(mart, ';')) as mart from {{ ref('metric_catalogue') }}
)

select
    metric_marts.metric_code,
    logs_of_marts.log || case when metric_marts.state or logs_of_marts.is_life then ' since' else ' at' end as basis,
    false as by_rule,
    metric_marts.metric_code in {{ known_codes(weighted_metrics()) }} as by_weight
from metric_marts
inner join logs_of_marts on metric_marts.mart = logs_of_marts.mart
{% for measure in request_measures() %}
union all
select
    '{{ measure.code }}',
    '{{ "declared_due" if measure.code == "declared_adherence" else measure.basis }}',
    {{ 'true' if measure.by_rule else 'false' }},
    false
{%- endfor %}
{%- for code, basis in statistics.items() %}
union all
select '{{ code }}', '{{ basis }}', false, false
{%- endfor %}
union all
select 'erasure_completeness', 'erased', false, false
