-- Changed keys: the events of any log of which another version landed since the previous build. Empty in a full refresh.
{% for log in contract_logs() %}
select '{{ log }}' as log, namespace, event_id from {{ events_with_new_versions(log) }}
{% if is_full_refresh() %}where false{% endif %}
{{ 'union all' if not loop.last }}
{% endfor %}
