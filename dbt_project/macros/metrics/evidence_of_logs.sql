{#-
Per log, except requests, which has rules of its own: the key of a unit, and the dimensions that a row states. A life (a record, an
incident, a version) is one unit however many of its rows are undetermined, and such a row may matter in every month since;
`weight` is how much a unit counts where figures are weighted. Every row has to state it, or only those of one `weighed_on`.
-#}
{% macro evidence_of_logs() %}
{{ return([
    {'log': 'consents', 'dimensions': ['purpose_code', 'system']},
    {'log': 'disclosures', 'dimensions': ['recipient_id', 'purpose_code'], 'weight': 'record_count'},
    {'log': 'retention', 'life': 'record_id', 'mart': 'fct_records', 'has_orphans': true, 'has_own_dimensions': true,
     'dimensions': ['data_category', 'purpose_code', 'system'], 'weight': 'record_count', 'weighed_on': 'created'},
    {'log': 'collections', 'dimensions': ['collection_type', 'feature']},
    {'log': 'processing', 'dimensions': ['purpose_code', 'system']},
    {'log': 'incidents', 'life': 'incident_id', 'mart': 'fct_incidents', 'has_orphans': true,
     'dimensions': ['jurisdiction', 'incident_type']},
    {'log': 'policies', 'life': 'policy_version', 'dimensions': [], 'weight': 'audience_size', 'weighed_on': 'change_notified'},
    {'log': 'remediations', 'dimensions': []},
]) }}
{% endmacro %}

{#- Every dimension that an undetermined unit may state. -#}
{% macro evidence_dimensions() %}
{%- set dimensions = request_dimensions() + ['purpose_code', 'recipient_id', 'data_category', 'system', 'collection_type', 'feature', 'incident_type'] -%}
{{ return(dimensions) }}
{% endmacro %}

{#- Metrics in which a unit counts as many times as it has records, or persons to notify. -#}
{% macro weighted_metrics() %}
{{ return([
    'within_policy_rate_by_records', 'disclosure_told_rate_by_records', 'over_retention_rate', 'over_retained_records', 'unscheduled_rate',
    'deletion_timeliness', 'policy_change_notice_coverage',
]) }}
{% endmacro %}
