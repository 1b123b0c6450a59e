-- By which date each metric of the requests log is placed, and so which spans of units that can't be judged count against it.
{% set statistics = {
    'forwarding_p95_hours': 'received', 'intake_lag_p95_days': 'received', 'km_median_days_open': 'received',
    'median_days_to_close': 'closed', 'p90_days_to_close': 'closed', 'mean_days_to_close': 'closed',
} %}
{% for measure in request_measures() %}
select
    '{{ measure.code }}' as metric_code,
    '{{ "declared_due" if measure.code == "declared_adherence" else measure.basis }}' as basis,
    {{ 'true' if measure.by_rule else 'false' }} as by_rule
union all
{% endfor %}
{% for code, basis in statistics.items() %}
select '{{ code }}', '{{ basis }}', false
{{ 'union all' if not loop.last }}
{% endfor %}
